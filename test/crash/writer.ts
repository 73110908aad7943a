// The process that is killed: the real engine on the real SQLite journal, on a venue that lives in its parent. It holds
// nothing of the truth; what it has made durable it says at once on its stdout. Started by kills.ts with the file's name.
import { writeSync } from "node:fs";
import { orderStatus, POLICY_DEFAULT } from "../../src/core/index.ts";
import { Session } from "../../src/engine/index.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { realRuntime } from "../../src/runtime/real.ts";
import { ACCOUNT, POLICY } from "./account.ts";
import { RemoteVenue } from "./remote-venue.ts";
import type { Line, ToWriter } from "./wire.ts";

/** Often: there shall be a pass to be killed in. In ms. */
const INTERVAL_MS = 100;
const STDOUT = 1;

function say(line: Line): void {
  writeSync(STDOUT, `${JSON.stringify(line)}\n`);
}

const journal = openSqliteJournal({ file: process.argv[2] ?? "", timers: realRuntime.timers });
const venue = new RemoteVenue((question) => process.send?.(question));
const session = Promise.withResolvers<Session>();

// Nobody is left to answer, or to kill it.
process.once("disconnect", () => process.exit());
process.on("message", (message: ToWriter) => {
  if (message.kind === "answer") venue.answer(message.id, message.answer);
  else if (message.kind === "event") venue.tell(message.event);
  else session.promise.then((open) => obey(open, message), failed);
});

session.resolve(
  await Session.open({
    account: ACCOUNT,
    journal,
    venue,
    mirrors: [],
    policy: { ...POLICY_DEFAULT, ...POLICY, intervalMs: INTERVAL_MS },
    positionMode: "net",
    runtime: realRuntime,
    log: SILENT,
    onRecord: ({ seq, kind, payload }) => {
      if (kind === "fill_recorded") say({ kind: "fill", seq, tradeId: payload.tradeId ?? "" });
      if (kind === "order_sent") say({ kind: "sent", seq, orderKey: payload.orderKey });
    },
    onPass: ({ isClean }) => open.then((own) => say({ kind: "pass", isClean, unresolved: unresolved(own) })),
    onFailure: failed,
  }),
);
const open = session.promise;
const own = await open;
await own.start({ bootPass: true, timers: true });
say({ kind: "ready", seq: own.book.seq });

function obey(own: Session, message: ToWriter): void {
  if (message.kind === "stop") stop(own).catch(failed);
  if (message.kind !== "intent") return;
  const { intentId } = message.intent;
  own.submit(message.intent, "bot").then(({ outcome, order }) => {
    say({ kind: "told", intentId, outcome, clientOrderId: order?.clientOrderId ?? null });
  }, failed);
}

async function stop(own: Session): Promise<void> {
  await own.stop();
  await journal.close();
  process.disconnect();
}

function unresolved({ book }: Session): number {
  const open = [...book.orders.values()].map(orderStatus);
  return open.filter((status) => status === "unknown" || status === "pending").length;
}

function failed(error: unknown): void {
  say({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
}
