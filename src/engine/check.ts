// Do both sides agree? One forced pass on a copy of the book that changes nothing: no record, no repair, no gate.
import type { AccountPolicy, Decimal, Steady } from "../core/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import { restoreBook } from "./boot.ts";
import { runPass } from "./pass.ts";
import { newMemory } from "./pass-memory.ts";
import type { PassReport } from "./report.ts";
import { AccountWriter } from "./writer.ts";

export interface CheckOptions {
  readonly account: string;
  readonly journal: Journal;
  readonly venue: Venue;
  readonly mirrors: readonly Mirror[];
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  readonly runtime: Runtime;
  readonly lastPrices?: ReadonlyMap<string, Decimal>;
  /** What is known of our clock; left out where no session has watched it. */
  readonly steady?: Steady;
}

export async function checkAccount(options: CheckOptions): Promise<PassReport> {
  const { account, journal, runtime, policy, lastPrices = new Map() } = options;
  const book = await restoreBook(journal, account);
  const writer = new AccountWriter(book, FORGETFUL, runtime.clock);
  return runPass({
    ...options,
    writer,
    lastPrices,
    sending: new Set(),
    policy: { ...policy, observe: true },
    trigger: "check",
    isForced: true,
    liveSinceMs: null,
    memory: newMemory(),
  });
}

/** Takes records and keeps none. */
export const FORGETFUL: Pick<Journal, "append"> = {
  async append({ expectedSeq, entries }) {
    return { kind: "appended", head: { seq: expectedSeq + entries.length, hash: "" } };
  },
};
