// The HTTP API on loopback: what any bot may read, and what it may ask for. Protected like a payment service even
// here: a token in an owner-only file, the Host checked on every route, nothing changed by a simple request.
import { createHash, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { z } from "zod";
import { decimal, GATE_STATES, LEGS, SIDES } from "../core/index.ts";
import { heldPositions, type PassReport } from "../engine/index.ts";
import type { Log } from "../runtime/index.ts";
import { decimalText } from "./decimal-text.ts";
import {
  ApiError,
  answerBroken,
  answerError,
  BODY_BYTES_MAX,
  internalError,
  knownError,
  pathOf,
} from "./errors.ts";
import { type EventSource, streamEvents } from "./events.ts";
import { exitRoutes } from "./exits.ts";
import { holdingRoutes } from "./holdings.ts";
import { type AccountHost, GATE_LEASE_MS } from "./host.ts";
import { problemText } from "./order-requests.ts";
import { orderRoutes } from "./orders.ts";

const REQUEST_TIMEOUT_MS = 30_000;
/** Any request that changes something must carry this header, which no web page can send unasked. */
export const INTENT_HEADER = "x-trueup";

export interface ApiOptions {
  readonly hosts: readonly AccountHost[];
  readonly token: string;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly version: string;
  /** What GET /v1/events tells; without one it tells nothing. */
  readonly events?: EventSource;
}

export function createApi(options: ApiOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    clientErrorHandler: answerBroken,
    frameworkErrors: (_error, request, reply) =>
      answerError(pathError(request, options), request, reply, options.log),
  });
  app.addHook("onRequest", async (request) => guard(request, options));
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options.log));
  app.setNotFoundHandler(async (request) => {
    throw new ApiError(404, "not_found", `there is no ${request.method} ${pathOf(request)}`);
  });
  readRoutes(app, options);
  eventRoute(app, options);
  changeRoutes(app, options);
  orderRoutes(app, { pick: (account) => single(pick(options.hosts, account)), read });
  exitRoutes(app, { pick: (account) => single(pick(options.hosts, account)), read });
  holdingRoutes(app, { pick: (account) => pick(options.hosts, account), single, read });
  planRoutes(app, options);
  return app;
}

const inAccount = z.strictObject({ account: z.string().optional() });
const inInstrument = z.strictObject({ account: z.string().optional(), instrument: z.string().optional() });

function readRoutes(app: FastifyInstance, { hosts, nowMs, version }: ApiOptions): void {
  app.get("/v1/health", async (request) => {
    const { account } = read(inAccount, request.query);
    const accounts = pick(hosts, account).map((host) => host.health());
    return { version, isHealthy: accounts.every(({ isHealthy }) => isHealthy), accounts };
  });
  app.get("/v1/status", async (request) => {
    const { account } = read(inAccount, request.query);
    return { version, accounts: pick(hosts, account).map((host) => host.status()) };
  });
  app.get("/v1/positions", async (request) => {
    const { account } = read(inAccount, request.query);
    const books = await Promise.all(pick(hosts, account).map((host) => host.book()));
    return { positions: books.flatMap(heldPositions) };
  });
  app.get("/v1/gate", async (request) => {
    const { account, instrument } = read(inInstrument, request.query);
    const accounts = pick(hosts, account).map((host) => {
      const view = host.status().gate;
      const own = instrument === undefined ? undefined : view.instruments[instrument];
      return {
        account: host.name,
        ...view,
        ...(instrument !== undefined && { instrument, instrumentState: own?.state ?? view.accountState }),
      };
    });
    return { accounts, validUntilMs: nowMs() + GATE_LEASE_MS };
  });
}

function eventRoute(app: FastifyInstance, { hosts, events = SILENCE }: ApiOptions): void {
  const streams = streamEvents(app, events);
  app.get("/v1/events", async (request, reply) => {
    const { account } = read(inAccount, request.query);
    const names = pick(hosts, account).map(({ name }) => name);
    streams.open(reply, names);
    return reply;
  });
}

/** Where nobody tells anything. */
const SILENCE: EventSource = () => () => undefined;

const inReconcile = z.strictObject({ account: z.string().optional(), force: z.boolean().default(false) });
const inAsk = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  leg: z.enum(LEGS).default("net"),
  side: z.enum(SIDES),
  qty: decimalText.optional(),
});
const inGate = z.strictObject({
  account: z.string(),
  set: z.enum(GATE_STATES).exclude(["killed"]),
  instrument: z.string().optional(),
  reason: z.string().min(1),
  by: z.string().default("api"),
});
const inKill = z.strictObject({
  account: z.string().optional(),
  reason: z.string().min(1),
  all: z.boolean().default(false),
  noExits: z.boolean().default(false),
  by: z.string().default("api"),
});
const inResume = z.strictObject({
  account: z.string(),
  reason: z.string().min(1),
  /** The account's name again: what is released is typed by a person. */
  confirm: z.string(),
  by: z.string().default("api"),
});

const inPlan = z.strictObject({
  account: z.string().optional(),
  copies: z.array(z.string().min(1)).min(1).optional(),
});
const inApply = z.strictObject({
  account: z.string().optional(),
  plan: z.string().min(1),
  /** The account's name and the number of rows that need a person's word, typed by a person. */
  confirm: z.string().optional(),
  rows: z.number().int().nonnegative().optional(),
  by: z.string().default("api"),
});
const inFlattenPlan = z.strictObject({
  account: z.string().optional(),
  /** Only this instrument. */
  instrument: z.string().min(1).optional(),
});
const inFlatten = z.strictObject({
  account: z.string().optional(),
  plan: z.string().min(1),
  /** The account's name, typed by a person. */
  confirm: z.string(),
  by: z.string().default("api"),
});
const inUndo = z.strictObject({
  account: z.string().optional(),
  repair: z.string().min(1),
  by: z.string().default("api"),
});

function planRoutes(app: FastifyInstance, { hosts, log }: ApiOptions): void {
  app.post("/v1/plan", async (request) => {
    const { account, copies } = read(inPlan, request.body ?? {});
    const made = await ofEach(pick(hosts, account), log, (host) => host.plan(copies ?? null));
    return { plans: made.reports, failures: made.failures };
  });
  app.post("/v1/apply", async (request) => {
    const { account, plan, confirm, rows, by } = read(inApply, request.body);
    const host = single(pick(hosts, account));
    return host.apply(plan, { by, confirm: confirm ?? null, rows: rows ?? null });
  });
  app.post("/v1/flatten/plan", async (request) => {
    const { account, instrument } = read(inFlattenPlan, request.body ?? {});
    return single(pick(hosts, account)).planFlatten(instrument ?? null);
  });
  app.post("/v1/flatten", async (request) => {
    const { account, plan, confirm, by } = read(inFlatten, request.body);
    return single(pick(hosts, account)).flatten(plan, { by, confirm });
  });
  app.post("/v1/undo", async (request) => {
    const { account, repair, by } = read(inUndo, request.body);
    return single(pick(hosts, account)).undo(repair, by);
  });
  app.post("/v1/release", async (request) => {
    const { account, repair, by } = read(inUndo, request.body);
    return single(pick(hosts, account)).release(repair, by);
  });
}

function changeRoutes(app: FastifyInstance, { hosts, nowMs, log }: ApiOptions): void {
  app.post("/v1/check", async (request) => {
    const { account } = read(inAccount, request.body ?? {});
    return passesOf(pick(hosts, account), log, (host) => host.check());
  });
  app.post("/v1/reconcile", async (request) => {
    const { account, force } = read(inReconcile, request.body ?? {});
    return passesOf(pick(hosts, account), log, (host) => host.reconcile(force));
  });
  app.post("/v1/gate/ask", async (request) => {
    const { account, instrument, leg, side, qty } = read(inAsk, request.body);
    const host = single(pick(hosts, account));
    // Without knowing how the bot will flag the order, the quantities alone must show that it reduces.
    const question = { instrument, leg, side, hasReduceOnlyFlag: false };
    const asked = { ...question, ...(qty !== undefined && { qty: decimal(qty) }) };
    return { account: host.name, ...host.admit(asked), validUntilMs: nowMs() + GATE_LEASE_MS };
  });
  app.post("/v1/gate", async (request) => {
    const { account, set, instrument, reason, by } = read(inGate, request.body);
    const host = single(pick(hosts, account));
    await host.setGate(set, instrument ?? null, reason, by);
    const known = instrument === undefined ? undefined : (await host.book()).instruments.has(instrument);
    return {
      account: host.name,
      ...host.status().gate,
      ...(known !== undefined && { isInstrumentKnown: known }),
    };
  });
  app.post("/v1/kill", async (request) => {
    const { account, reason, all, noExits, by } = read(inKill, request.body);
    const accounts = await Promise.all(
      pick(hosts, account).map(async (host) => ({
        account: host.name,
        ...(await host.kill(reason, by, all, noExits)),
      })),
    );
    return { accounts };
  });
  app.post("/v1/kill/drill", async (request) => {
    const { account } = read(inAccount, request.body ?? {});
    return single(pick(hosts, account)).drillKill();
  });
  app.post("/v1/resume", async (request) => {
    const { account, reason, confirm, by } = read(inResume, request.body);
    const host = single(pick(hosts, account));
    if (confirm !== host.name) {
      throw new ApiError(422, "not_confirmed", `to resume, confirm with the account's name ("${host.name}")`);
    }
    return { account: host.name, wasKilled: await host.resume(reason, by) };
  });
}

/** A pass of each account; one that cannot be made does not keep the others from being told. */
async function passesOf(
  hosts: readonly AccountHost[],
  log: Log,
  make: (host: AccountHost) => Promise<PassReport>,
): Promise<{ passes: readonly PassReport[]; failures: readonly object[] }> {
  const { reports, failures } = await ofEach(hosts, log, make);
  return { passes: reports, failures };
}

async function ofEach<T extends { readonly account: string }>(
  hosts: readonly AccountHost[],
  log: Log,
  make: (host: AccountHost) => Promise<T>,
): Promise<{ reports: readonly T[]; failures: readonly object[] }> {
  const reports: T[] = [];
  const failures: { account: string; code: string; message: string }[] = [];
  const work = hosts.map(async (host) => {
    await make(host).then(
      (report) => reports.push(report),
      (error: unknown) => {
        if (hosts.length === 1) throw error;
        const { code, message } = knownError(error) ?? internalError(error, host.name, log);
        failures.push({ account: host.name, code, message });
      },
    );
  });
  await Promise.all(work);
  const byName = (a: { account: string }, b: { account: string }) => (a.account < b.account ? -1 : 1);
  return { reports: reports.sort(byName), failures: failures.sort(byName) };
}

/** A path that cannot be decoded comes past the hooks: whoever may not ask is told that, and nothing else. */
function pathError(request: FastifyRequest, options: ApiOptions): unknown {
  try {
    guard(request, options);
    return new ApiError(400, "bad_path", "the path has a percent sign that no two hexadecimal digits follow");
  } catch (denied) {
    return denied;
  }
}

function guard(request: FastifyRequest, { token, log }: ApiOptions): void {
  const denied = (status: number, code: string, message: string): never => {
    log.event("warn", "api.denied", { method: request.method, path: pathOf(request), code }, message);
    throw new ApiError(status, code, message);
  };
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) {
    denied(403, "wrong_host", "this API answers only to its loopback name");
  }
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin !== undefined || (site !== undefined && site !== "none" && site !== "same-origin")) {
    denied(403, "wrong_origin", "this API does not answer to web pages");
  }
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!isSame(given, token))
    denied(401, "unauthorized", "give the token of the file api.token as a bearer token");
  if (request.method === "GET") return;
  if (request.headers[INTENT_HEADER] === undefined) {
    denied(403, "no_intent", `a request that changes something carries the header ${INTENT_HEADER}: 1`);
  }
}

/** Compares digests, so that neither length nor content tells by its timing. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function pick(hosts: readonly AccountHost[], account: string | undefined): readonly AccountHost[] {
  const found = hosts.filter((host) => account === undefined || host.name === account);
  if (found.length > 0) return found;
  const names = hosts.map(({ name }) => name).join(", ");
  throw new ApiError(404, "no_account", `there is no account "${account}"; there are: ${names}`);
}

function single(hosts: readonly AccountHost[]): AccountHost {
  const [host, ...others] = hosts;
  if (host && others.length === 0) return host;
  const names = hosts.map(({ name }) => name).join(", ");
  throw new ApiError(422, "which_account", `name one account of: ${names}`);
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(422, "bad_request", problemText(parsed.error, schema));
}
