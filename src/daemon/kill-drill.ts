// A kill, rehearsed: the real engine on a paper account in memory, with hundreds of open orders and a venue of which every
// fifth call to cancel fails, is lost, or is carried out without an answer. What it took is measured, and no account is touched.
import type { DrillReport } from "../api/index.ts";
import { policyFrom } from "../config/index.ts";
import { CAPABILITIES_DEFAULT, type Capabilities, decimal, ordersToEnd } from "../core/index.ts";
import { Session, unconfirmed } from "../engine/index.ts";
import { MemoryJournal } from "../journal/memory/index.ts";
import { type Runtime, SILENT } from "../runtime/index.ts";
import type { CancelCommand, CommandOutcome } from "../venues/index.ts";
import { newPaperState, PaperAccount, PaperVenue } from "../venues/paper/index.ts";

export interface DrillOptions {
  readonly runtime: Runtime;
  /** Open orders; 500 unless given. */
  readonly orders?: number;
  /** How long it may take until every order is confirmed as ended; what is not by then is unconfirmed. In ms. */
  readonly limitMs?: number;
}

const ORDERS = 500;
const LIMIT_MS = 60_000;
/** Between two passes, and between two looks at how far it has come. In ms. */
const INTERVAL_MS = 1_000;
const LOOK_MS = 20;
/** How long the rehearsed venue takes for an answer, at least; the longest is three times that. In ms. */
const LATENCY_MS = 30;
const FAILS_EVERY = 5;
const INSTRUMENTS = ["DRILL-A", "DRILL-B", "DRILL-C", "DRILL-D", "DRILL-E"];

export async function rehearseKill({
  runtime,
  orders = ORDERS,
  limitMs = LIMIT_MS,
}: DrillOptions): Promise<DrillReport> {
  const venue = openDrillVenue(runtime, orders);
  const session = await Session.open({
    account: "drill",
    journal: new MemoryJournal(),
    venue,
    mirrors: [],
    policy: policyFrom([{ interval_ms: INTERVAL_MS, confirmations: 1, grace_ms: 0 }], { mode: "executor" }),
    positionMode: "net",
    runtime,
    log: SILENT,
    environment: "paper",
  });
  try {
    await session.start({ bootPass: true, timers: true });
    const startedMs = runtime.clock.monotonicMs();
    const since = () => Math.round(runtime.clock.monotonicMs() - startedMs);
    venue.begin(startedMs);
    const report = await session.kill("drill", "drill", true);
    const answeredMs = since();
    const left = () => ordersToEnd(session.book, { isAll: true, hasReduceOnlyFlag: true }).length;
    while (left() > 0 && since() < limitMs) await pause(runtime, LOOK_MS);
    return {
      orders,
      calls: venue.calls,
      failedCalls: venue.failed,
      retries: venue.calls - venue.asked.size,
      dispatchedMs: Math.round(venue.lastFirstMs - startedMs),
      answeredMs,
      notConfirmedAtFirst: unconfirmed(report).length,
      confirmedMs: left() === 0 ? since() : null,
      unconfirmed: left(),
    };
  } finally {
    await session.stop();
  }
}

function openDrillVenue(runtime: Runtime, orders: number): DrillVenue {
  const account = new PaperAccount({
    state: newPaperState("drill", "USD", decimal("1000000000")),
    feeRatio: decimal("0"),
    nowMs: () => runtime.clock.nowMs(),
    onEvent: (event) => venue.publish(event),
  });
  const venue: DrillVenue = new DrillVenue(account, runtime);
  for (const instrument of INSTRUMENTS) account.setPrice(instrument, decimal("100"));
  for (let index = 0; index < orders; index += 1) {
    account.submit({
      instrument: INSTRUMENTS[index % INSTRUMENTS.length] ?? "DRILL-A",
      side: "buy",
      type: "limit",
      qty: decimal(String(1 + (index % 9))),
      price: decimal("50"),
      clientOrderId: `drill-${index}`,
    });
  }
  return venue;
}

/** Each order is cancelled by itself: what one call for all would take is rehearsed nowhere better than at the venue. */
class DrillVenue extends PaperVenue {
  override readonly capabilities: Capabilities = {
    ...CAPABILITIES_DEFAULT,
    settleMs: 1_000,
    commands: { ...CAPABILITIES_DEFAULT.commands, cancelAll: "none" },
  };
  calls = 0;
  failed = 0;
  /** When the last order's first cancel left, on the monotonic clock, ms. */
  lastFirstMs = 0;
  readonly asked = new Set<string>();
  private readonly runtime: Runtime;

  constructor(account: PaperAccount, runtime: Runtime) {
    super(account);
    this.runtime = runtime;
  }

  begin(startedMs: number): void {
    this.lastFirstMs = startedMs;
  }

  override async cancel(command: CancelCommand): Promise<CommandOutcome> {
    this.calls += 1;
    const number = this.calls;
    const id = command.clientOrderId ?? command.venueOrderId ?? "";
    if (!this.asked.has(id)) this.lastFirstMs = this.runtime.clock.monotonicMs();
    this.asked.add(id);
    await pause(this.runtime, LATENCY_MS * (1 + (number % 3)));
    if (number % FAILS_EVERY !== 0) return super.cancel(command);
    this.failed += 1;
    const reason = "rehearsed: the connection was reset";
    switch ((number / FAILS_EVERY) % 3) {
      case 0:
        return { kind: "rejected", sent: false, reason: "rehearsed: rate limited" };
      case 1:
        return { kind: "unknown", reason };
      default:
        await super.cancel(command);
        return { kind: "unknown", reason };
    }
  }
}

function pause({ timers }: Runtime, ms: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(ms, resolve);
  });
}
