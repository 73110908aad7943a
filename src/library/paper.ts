// A paper account inside a program: for trying things out and for a bot's own tests. The program moves prices and trades;
// trueup is told of it like of any venue.
import { type Decimal, decimal } from "../core/index.ts";
import { realRuntime } from "../runtime/real.ts";
import { newPaperState, PaperAccount, type PaperState, PaperVenue } from "../venues/paper/index.ts";

export type { CommandOutcome } from "../venues/index.ts";
export {
  type Misbehaviour,
  PaperAccount,
  type PaperOrder,
  type PaperState,
  PaperVenue,
} from "../venues/paper/index.ts";

export interface PaperGivenState {
  /** What the account begins with. Default "100000". */
  readonly cash?: Decimal | string;
  /** Default "USD". */
  readonly currency?: string;
  /** Fee as a part of the traded value, from 0 to 1. Default "0". */
  readonly feeRatio?: Decimal | string;
  /** An account as it was kept (`venue.account.state`, plain JSON); then `cash` and `currency` do not count. */
  readonly state?: PaperState;
  /** ms since the epoch; the machine's clock unless given. */
  readonly nowMs?: () => number;
}

/** A venue for `openTrueup`; trade with `venue.account`. Nothing of it is written to a disk. */
export function newPaperVenue(given: PaperGivenState = {}): PaperVenue {
  const { cash = "100000", currency = "USD", feeRatio = "0", nowMs = realRuntime.clock.nowMs } = given;
  const account = new PaperAccount({
    state: given.state ?? newPaperState("paper", currency, decimal(cash)),
    feeRatio: decimal(feeRatio),
    nowMs,
    onEvent: (event) => venue.publish(event),
  });
  const venue = new PaperVenue(account);
  return venue;
}
