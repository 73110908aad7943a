// The contract of an alert channel: where a person is told. What is worth telling, and how often, the engine
// decides; the outbox is the journal's.
import type { AlertKind } from "../core/index.ts";

export interface Alert {
  readonly account: string;
  readonly kind: AlertKind;
  /** What it is about: an instrument, an asset, a mirror; null for the account. */
  readonly subject: string | null;
  readonly text: string;
  readonly evidence: readonly string[];
  readonly atMs: number;
}

export interface AlertChannel {
  readonly name: string;
  send(alert: Alert): Promise<void>;
}
