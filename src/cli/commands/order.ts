// `trueup order submit|amend|cancel|resolve`: one command to the venue, by the daemon where one runs, else by this
// process, which then looks at the account first. What became of it is told in words and by the exit code.
import {
  type AmendIntent,
  type Decimal,
  LEGS,
  type Leg,
  ORDER_TYPES,
  type OrderIntent,
  type OrderType,
  type OrderView,
  parseDecimal,
  SIDES,
  type Side,
  TIMES_IN_FORCE,
  type TimeInForce,
  UNATTRIBUTED,
} from "../../core/index.ts";
import { openPieces, openSession } from "../../daemon/accounts.ts";
import { chosenAccounts } from "../../daemon/config-file.ts";
import { type DaemonClient, daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import { lockState } from "../../daemon/registry.ts";
import { journalFile } from "../../daemon/state-dir.ts";
import type { CommandCode, CommandResult, OrderHandle, OrderReport, Session } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { postWhileAlive } from "../patience.ts";
import { type PlanOptions, planOf } from "./exit-options.ts";
import { oneAccount, person } from "./gate.ts";

/** What the shell gives: text, or nothing. */
export interface OrderOptions extends PlanOptions {
  readonly instrument: string;
  readonly side?: string;
  readonly qty?: string;
  readonly notional?: string;
  readonly type?: string;
  readonly price?: string;
  readonly triggerPrice?: string;
  readonly referencePrice?: string;
  readonly timeInForce?: string;
  readonly leg?: string;
  readonly strategy?: string;
  readonly signal?: string;
  readonly tag?: readonly string[];
  readonly reduceOnly?: boolean;
  readonly id?: string;
  readonly clientId?: string;
  readonly venueId?: string;
}

export const submitOrder: Command<OrderOptions> = async (context, options) => {
  const exit = planOf(options);
  const intent: OrderIntent = {
    intentId: options.id ?? newId(context),
    instrument: options.instrument,
    ...(exit !== undefined && { exit }),
    leg: oneOf<Leg>("leg", LEGS, options.leg ?? "net"),
    side: oneOf<Side>("side", SIDES, options.side),
    type: oneOf<OrderType>("type", ORDER_TYPES, options.type ?? "market"),
    timeInForce: oneOf<TimeInForce>("time-in-force", TIMES_IN_FORCE, options.timeInForce ?? "day"),
    reduceOnly: options.reduceOnly === true,
    strategy: options.strategy ?? UNATTRIBUTED,
    ...amounts(options, ["qty", "notional", "price", "triggerPrice", "referencePrice"]),
    ...(options.signal !== undefined && { signalId: options.signal }),
    ...(options.tag !== undefined && { tags: tagsOf(options.tag) }),
  };
  const result = await carryOut(context, "/v1/orders", intent, (session, by) => session.submit(intent, by));
  return tell(context, result, intent.intentId);
};

export const amendOrder: Command<OrderOptions> = async (context, options) => {
  const intent: AmendIntent = {
    intentId: options.id ?? newId(context),
    ...handleOf(options),
    ...amounts(options, ["qty", "price", "triggerPrice"]),
  };
  const work = (session: Session, by: string) => session.amend(intent, by);
  return tell(context, await carryOut(context, "/v1/orders/amend", intent, work), intent.intentId);
};

export const cancelOrder: Command<OrderOptions> = async (context, options) => {
  const handle = handleOf(options);
  const work = (session: Session, by: string) => session.cancel(handle, by);
  return tell(context, await carryOut(context, "/v1/orders/cancel", handle, work), null);
};

export const resolveOrder: Command<OrderOptions> = async (context, options) => {
  const { clientOrderId } = handleOf(options);
  if (clientOrderId === undefined)
    throw new CliError(EXIT.usage, "no_order_id", "give the order's --client-id");
  namedId("--client-id", options.clientId);
  const report: OrderReport = {
    instrument: options.instrument,
    clientOrderId,
    ...(options.side !== undefined && { side: oneOf<Side>("side", SIDES, options.side) }),
    ...amounts(options, ["qty", "price"]),
  };
  const work = (session: Session, by: string) => session.resolve(report, by);
  return tell(context, await carryOut(context, "/v1/orders/resolve", report, work), null);
};

/** Of an id that is made up here: 96 bits. */
const ID_BYTES = 12;

type Answer = CommandResult & { readonly account: string };

async function carryOut(
  context: Context,
  path: string,
  body: object,
  work: (session: Session, by: string) => Promise<CommandResult>,
): Promise<Answer> {
  const account = await oneAccount(context);
  const by = person(context);
  const client = daemonClient(context.load().stateDir);
  if (client) return askDaemon(context, client, path, { ...body, account, by });
  return { account, ...(await carryOutHere(context, account, (session) => work(session, by))) };
}

/** An answer that is lost says nothing of the order; the id, also one that was made up here, is what tells it later. */
async function askDaemon(
  { parts, out }: Context,
  client: DaemonClient,
  path: string,
  body: { readonly account: string; readonly by: string; readonly intentId?: string },
): Promise<Answer> {
  const onSlow = () =>
    out.note("trueup: the daemon is at work on it, the venue may be slow; waiting for its answer");
  try {
    return await postWhileAlive<Answer>(client, path, body, { timers: parts.runtime.timers, onSlow });
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "daemon_unreachable") throw error;
    const again =
      body.intentId === undefined
        ? "give the same command again, which does no harm"
        : `give the same command again with --id ${body.intentId}, which never sends a second one and tells what became of the first`;
    const text = `${error.message} What was asked for may have reached the venue: ${again}.`;
    throw new CliError(EXIT.daemon, "daemon_unreachable", text, { cause: error });
  }
}

/** Without a daemon the gate is closed until this process has read the account. */
async function carryOutHere(
  context: Context,
  account: string,
  work: (session: Session) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { parts, io } = context;
  const loaded = context.load();
  const unlock = lockState(loaded.stateDir);
  try {
    const journal = await parts.openJournal(journalFile(loaded.stateDir), false);
    try {
      const [[name, config]] = chosenAccounts(loaded.config, account) as [[string, never]];
      const pieces = await openPieces(parts, io, loaded, name, config);
      try {
        const session = await openSession(parts, loaded, pieces, journal);
        await session.start({ bootPass: true, timers: false });
        const result = await work(session);
        // What it traded is in the journal before this process ends.
        await session.pass("order", false);
        await session.stop();
        return result;
      } finally {
        await pieces.venue.close?.();
      }
    } finally {
      await journal.close();
    }
  } finally {
    unlock();
  }
}

const EXIT_OF: Readonly<Record<CommandCode, number>> = {
  bad_order: EXIT.usage,
  gate_closed: EXIT.gate,
  intent_conflict: EXIT.usage,
  limit_exceeded: EXIT.permission,
  limits_missing: EXIT.config,
  never_arrived: EXIT.permission,
  no_order: EXIT.usage,
  no_price: EXIT.permission,
  not_active: EXIT.usage,
  not_amendable: EXIT.usage,
  not_executor: EXIT.config,
  not_supported: EXIT.config,
  observing: EXIT.config,
  too_late: EXIT.retry,
  venue_rejected: EXIT.permission,
};

function tell({ out }: Context, { account, ...result }: Answer, intentId: string | null): number {
  const { outcome, code, reasons, isRepeat, order } = result;
  const exitCode =
    outcome === "accepted"
      ? EXIT.done
      : outcome === "unknown"
        ? EXIT.unresolved
        : EXIT_OF[code ?? "venue_rejected"];
  if (out.isJson) {
    out.json({ exitCode, account, intentId, ...result });
    return exitCode;
  }
  const tone = outcome === "accepted" ? "good" : outcome === "unknown" ? "warn" : "bad";
  const repeat = isRepeat ? " (known already, nothing was sent this time)" : "";
  out.line(`${out.tone(tone, outcome)}${code === null ? "" : ` ${code}`}${repeat}`);
  for (const reason of reasons) out.line(`  ${reason}`);
  if (order) out.line(`  ${sentence(order)}`);
  if (intentId !== null && order)
    out.line(`  intent ${intentId}: the same --id again never sends a second order`);
  if (outcome === "unknown") {
    out.line(
      "  It is not known whether the order is at the venue. It counts until that is found out, and is never",
    );
    const again = intentId === null ? "the same command again" : "the same command with the same --id";
    out.line(`  sent again by itself; trueup run keeps asking, and so does ${again}.`);
    if (intentId === null) {
      out.line(
        "  Where the id is misspelled, no order has it: trueup run finds that out, and it counts no longer.",
      );
    }
  }
  return exitCode;
}

function sentence(order: OrderView): string {
  const { side, qty, notional, instrument, type, price, status, filledQty, avgPrice } = order;
  const isToldBare = side === null && qty === null && notional === null;
  const size = qty ?? `${notional ?? "?"} worth of`;
  const limit = price === null ? "" : ` at ${price}`;
  const filled =
    filledQty === "0" ? "" : `, ${filledQty} filled${avgPrice === null ? "" : ` at ${avgPrice}`}`;
  const ids = `client order id ${order.clientOrderId ?? "-"}, venue order id ${order.venueOrderId ?? "-"}`;
  const what = isToldBare
    ? `an order on ${instrument}`
    : `${side ?? "?"} ${size} ${instrument} ${type ?? ""}`;
  return `${what}${limit}: ${status}${filled} (${ids})`;
}

/** An empty id is what a script's unset variable leaves: no order has it, and one that is taken up counts. */
function namedId(name: string, id: string | undefined): void {
  if (id === undefined || id.trim() !== "") return;
  throw new CliError(
    EXIT.usage,
    "no_order_id",
    `${name} has no id: give the order's own, as its sender or trueup orders has it; nothing was changed`,
  );
}

function handleOf({ instrument, clientId, venueId }: OrderOptions): OrderHandle {
  namedId("--client-id", clientId);
  namedId("--venue-id", venueId);
  if (clientId === undefined && venueId === undefined) {
    throw new CliError(EXIT.usage, "no_order_id", "name the order: --client-id or --venue-id");
  }
  return {
    instrument,
    ...(clientId !== undefined && { clientOrderId: clientId }),
    ...(venueId !== undefined && { venueOrderId: venueId }),
  };
}

function tagsOf(given: readonly string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const one of given) {
    const at = one.indexOf("=");
    if (at < 1)
      throw new CliError(EXIT.usage, "bad_tag", `--tag ${one}: write NAME=VALUE, such as --tag wave=3`);
    tags[one.slice(0, at)] = one.slice(at + 1);
  }
  return tags;
}

type AmountName = "qty" | "notional" | "price" | "triggerPrice" | "referencePrice";

function amounts(options: OrderOptions, names: readonly AmountName[]): Partial<Record<AmountName, Decimal>> {
  const found: Partial<Record<AmountName, Decimal>> = {};
  for (const name of names) {
    const text = options[name];
    if (text === undefined) continue;
    const value = parseDecimal(text);
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (value === undefined) {
      throw new CliError(EXIT.usage, "bad_number", `--${flag} ${text} is not a decimal number, such as 1.5`);
    }
    found[name] = value;
  }
  return found;
}

function oneOf<T extends string>(name: string, allowed: readonly T[], given: string | undefined): T {
  const found = allowed.find((one) => one === given);
  if (found !== undefined) return found;
  const said = given === undefined ? `--${name} is missing` : `--${name} ${given}`;
  throw new CliError(EXIT.usage, "bad_choice", `${said}: it is one of ${allowed.join(", ")}`);
}

function newId({ parts }: Context): string {
  return `cli-${Buffer.from(parts.runtime.random.bytes(ID_BYTES)).toString("hex")}`;
}
