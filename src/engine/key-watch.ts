// Whether the key may still trade, looked at when the account starts and once an hour: a key that lost that right reads as
// before, and the kill that cannot cancel would show only when it is needed. What the venue does not say is no news.
import type { AccountPolicy } from "../core/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import type { AlertFacts } from "./alerting.ts";
import { guarded } from "./observe.ts";

/** Between two looks. In ms. */
export const KEY_LOOK_MS = 3_600_000;

export interface KeyWatchInputs {
  readonly account: string;
  readonly venue: Venue;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly policy: AccountPolicy;
  readonly tell: (alert: AlertFacts) => void;
}

export class KeyWatch {
  private readonly inputs: KeyWatchInputs;
  private cancelTimer: (() => void) | undefined;
  private isOver = false;
  /** As it was told last. */
  private mayTrade = true;

  constructor(inputs: KeyWatchInputs) {
    this.inputs = inputs;
  }

  /** Only where orders are sent: whoever watches alone has a key that may only read, and is right. */
  start(): void {
    const { policy, venue } = this.inputs;
    if (policy.mode !== "executor" || policy.observe || !venue.checkup) return;
    this.look().catch(() => undefined);
  }

  stop(): void {
    this.isOver = true;
    this.cancelTimer?.();
  }

  private async look(): Promise<void> {
    const { venue, runtime } = this.inputs;
    this.cancelTimer = runtime.timers.after(KEY_LOOK_MS, () => {
      this.look().catch(() => undefined);
    });
    if (!venue.checkup) return;
    const findings = await guarded(venue.checkup(), runtime).catch(() => []);
    // Whatever else is right, one that says no keeps it from trading.
    const told =
      findings.find(({ mayTrade }) => mayTrade === false) ??
      findings.find(({ mayTrade }) => mayTrade !== undefined);
    if (this.isOver || told?.mayTrade === undefined) return;
    this.note(told.mayTrade, told.found);
  }

  private note(mayTrade: boolean, found: string): void {
    const { log, account, tell } = this.inputs;
    if (mayTrade === this.mayTrade) return;
    this.mayTrade = mayTrade;
    const text = mayTrade
      ? "the key may trade again: a kill can cancel"
      : `the key may not trade: a kill could cancel nothing, and no exit could be sent (${found}); lift that at the venue, or take another key`;
    log.event(mayTrade ? "info" : "error", "key.trading", { account, mayTrade }, text);
    if (!mayTrade) tell({ kind: "channel_down", subject: "kill switch", text, evidence: [] });
  }
}
