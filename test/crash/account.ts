// The account of every session in this folder, and how it is run.
import { type AccountPolicy, UNLIMITED } from "../../src/core/index.ts";

/** As the test world names it. */
export const ACCOUNT = "test";

/** Orders of every size may leave, and what is found is repaired at once. */
export const POLICY: Partial<AccountPolicy> = {
  mode: "executor",
  confirmations: 1,
  graceMs: 0,
  intervalMs: 2_000,
  strategies: { momentum: "mom-" },
  limits: UNLIMITED,
};
