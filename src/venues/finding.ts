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

export type Finding = Found & (Fine | Wrong);

interface Found {
  readonly check: Check;
  /** What was found, with the venue's own figures; no key, no secret. */
  readonly found: string;
  /** Of `permissions` or `account`: whether orders are taken from this key. Absent where the venue does not say. */
  readonly mayTrade?: boolean;
}

interface Fine {
  readonly level: "ok";
  /** What may be done all the same. */
  readonly advice?: string;
}

interface Wrong {
  /** `refuse`: with this nobody should trade, and trueup does not start unless the configuration says so. */
  readonly level: "warn" | "refuse";
  /** What to do about it. */
  readonly advice: string;
}

/** What to do where the venue did not answer, or not as documented. */
export const ASK_AGAIN =
  "run it again in a minute; if this lasts, look at the venue's own status page and at what stands between it and this machine";
