// A local server that speaks Alpaca's wire protocol, on loopback only: the real adapter and its real client run
// against it. Its account is set by tests or a file, or traded by orders that are sent to it; a menu of faults makes
// single endpoints and commands misbehave, and another one the stream (stream.ts).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CONTROL_PATH, control } from "./control.ts";
import { type EndpointName, type Reply, routeOf } from "./endpoints.ts";
import { Exchange } from "./exchange.ts";
import {
  type CommandFault,
  type Fault,
  failure,
  isBeforeEffect,
  misbehave,
  misbehaveCommand,
  type Wire,
  wire,
} from "./faults.ts";
import { type AccountState, newState, type Row } from "./state.ts";
import { AlpacaStream } from "./stream.ts";

export const ENDPOINTS: readonly EndpointName[] = [
  "account",
  "clock",
  "positions",
  "position",
  "orders",
  "order",
  "orderByClientId",
  "fills",
  "activities",
];

export const COMMANDS = ["submit", "amend", "cancel"] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface ServerOptions {
  /** Any free one unless given. */
  readonly port?: number;
  readonly keyId?: string;
  readonly secret?: string;
  /** Time of what is traded here; the machine's unless given. */
  readonly nowMs?: () => number;
}

export class AlpacaServer {
  state: AccountState = newState();
  readonly keyId: string;
  readonly secret: string;
  /** Path and query of every request, in order. */
  readonly requests: string[] = [];
  /** Method and path of every command, in order. */
  readonly commands: string[] = [];
  /** Bodies of the commands that had one, as their exact text. */
  readonly bodies: string[] = [];
  readonly stream: AlpacaStream;
  readonly exchange: Exchange;
  private readonly faults = new Map<EndpointName, { fault: Fault; good: number }>();
  private readonly commandFaults = new Map<CommandName, { fault: CommandFault; times: number }>();
  private readonly hanging: (() => void)[] = [];
  private readonly server: Server;
  private readonly port: number;

  constructor(options: ServerOptions = {}) {
    this.port = options.port ?? 0;
    this.keyId = options.keyId ?? "PKTEST0000000000LOCAL";
    this.secret = options.secret ?? "local-secret-0123456789";
    this.stream = new AlpacaStream(this.keyId, this.secret);
    this.exchange = new Exchange({
      state: () => this.state,
      publish: (update) => this.stream.update(update),
      nowMs: options.nowMs ?? Date.now,
    });
    this.server = createServer((request, response) => this.handle(request, response));
    this.server.on("upgrade", (request, socket) => this.stream.accept(request, socket));
  }

  /** Listens on 127.0.0.1; the result is the base URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(this.port, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    this.stream.cut();
    await closed;
  }

  /** From now on, or after some good answers, this endpoint misbehaves. */
  setFault(endpoint: EndpointName, fault: Fault, goodAnswers = 0): void {
    this.faults.set(endpoint, { fault, good: goodAnswers });
  }

  /** The next commands of this kind misbehave, as often as said. */
  setCommandFault(command: CommandName, fault: CommandFault, times = Number.POSITIVE_INFINITY): void {
    this.commandFaults.set(command, { fault, times });
  }

  /** Resolves when the next request is left without an answer: a test ends the waiting then, instead of waiting. */
  nextHanging(): Promise<void> {
    return new Promise((resolve) => this.hanging.push(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname.startsWith(CONTROL_PATH)) {
      send(response, control(this, url));
      return;
    }
    this.requests.push(`${url.pathname}${url.search}`);
    if (request.method === "GET") {
      this.finish(request, response, this.answer(request, url));
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      this.finish(request, response, this.command(request, url, Buffer.concat(chunks).toString("utf8"))),
    );
  }

  private finish(
    request: IncomingMessage,
    response: ServerResponse,
    answer: Wire | "reset" | undefined,
  ): void {
    if (answer === "reset") request.socket.destroy();
    else if (answer) send(response, answer);
    else for (const resolve of this.hanging.splice(0)) resolve();
  }

  private isAuthorized({ headers }: IncomingMessage): boolean {
    return headers["apca-api-key-id"] === this.keyId && headers["apca-api-secret-key"] === this.secret;
  }

  private command(request: IncomingMessage, url: URL, body: string): Wire | "reset" | undefined {
    this.commands.push(`${request.method} ${url.pathname}`);
    if (body !== "") this.bodies.push(body);
    if (!this.isAuthorized(request)) return failure(401, 40110000, "request is not authorized");
    const command = this.commandOf(request.method ?? "", url, body);
    if (!command) return failure(404, 40410001, "endpoint not found.");
    const fault = this.commandFaultOf(command.name);
    if (fault === undefined) return wire(command.work());
    if (isBeforeEffect(fault)) return misbehaveCommand(fault, { status: 200, body: {} });
    return misbehaveCommand(fault, command.work());
  }

  private commandOf(
    method: string,
    { pathname }: URL,
    body: string,
  ): { readonly name: CommandName; readonly work: () => Reply } | undefined {
    const id = decodeURIComponent(/^\/v2\/orders\/([^/]+)$/.exec(pathname)?.[1] ?? "");
    const { exchange } = this;
    if (method === "POST" && pathname === "/v2/orders") {
      return { name: "submit", work: () => exchange.submit(JSON.parse(body) as Row) };
    }
    if (method === "PATCH" && id !== "") {
      return { name: "amend", work: () => exchange.replace(id, JSON.parse(body) as Row) };
    }
    if (method === "DELETE" && pathname === "/v2/orders") {
      return { name: "cancel", work: () => exchange.cancelAll() };
    }
    if (method === "DELETE" && id !== "") return { name: "cancel", work: () => exchange.cancel(id) };
    return undefined;
  }

  private commandFaultOf(command: CommandName): CommandFault | undefined {
    const set = this.commandFaults.get(command);
    if (set === undefined) return undefined;
    set.times -= 1;
    return set.times < 0 ? undefined : set.fault;
  }

  private answer(request: IncomingMessage, url: URL): Wire | undefined {
    if (!this.isAuthorized(request)) return failure(401, 40110000, "request is not authorized");
    const route = routeOf(url);
    if (!route) return failure(404, 40410000, "endpoint not found.");
    const reply = route.reply(this.state);
    const fault = this.faultOf(route.endpoint);
    return fault === undefined ? wire(reply) : misbehave(fault, reply);
  }

  private faultOf(endpoint: EndpointName): Fault | undefined {
    const set = this.faults.get(endpoint);
    if (set === undefined) return undefined;
    set.good -= 1;
    return set.good < 0 ? set.fault : undefined;
  }
}

function send(response: ServerResponse, { status, text, headers }: Wire): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=UTF-8", ...headers });
  response.end(text);
}
