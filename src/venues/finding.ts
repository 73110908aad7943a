// What `trueup venue doctor` finds out about one account's connection, before anything is traded. An adapter asks the
// venue; what is refused to start with is decided by whoever asked.

export type Check =
  | "connection"
  | "account"
  | "permissions"
  | "clock"
  | "rate"
  | "position_mode"
  | "scope"
  | "stream";

export interface Finding {
  readonly check: Check;
  /** `refuse`: with this nobody should trade, and trueup does not start unless the configuration says so. */
  readonly level: "ok" | "warn" | "refuse";
  /** What was found, with the venue's own figures; no key, no secret. */
  readonly found: string;
  /** What to do about it; absent where nothing is to be done. */
  readonly advice?: string;
}
