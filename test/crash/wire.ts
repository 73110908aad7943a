// What the process that is killed and the referee that outlives it say to each other. Questions and answers go over the
// channel between them; what the writer has made durable it says on its stdout, line by line.
import type { OrderIntent, OutcomeKind } from "../../src/core/index.ts";
import type { StreamEvent } from "../../src/venues/index.ts";

/** A method of the venue, and what it is given. */
export interface Question {
  readonly id: number;
  readonly method: "snapshot" | "history" | "position" | "order" | "stream" | "submit" | "cancel";
  readonly given: readonly unknown[];
}

/** From the referee to the writer. */
export type ToWriter =
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly kind: "event"; readonly event: StreamEvent }
  /** What the bot asks of the writer. */
  | { readonly kind: "intent"; readonly intent: OrderIntent }
  | { readonly kind: "stop" };

/** A line of the writer's stdout. */
export type Line =
  /** The account is open and its first pass is done. */
  | { readonly kind: "ready"; readonly seq: number }
  /** Durable. */
  | { readonly kind: "fill"; readonly seq: number; readonly tradeId: string }
  | { readonly kind: "sent"; readonly seq: number; readonly orderKey: string }
  /** What the bot was told of its intent. */
  | {
      readonly kind: "told";
      readonly intentId: string;
      readonly outcome: OutcomeKind;
      readonly clientOrderId: string | null;
    }
  | { readonly kind: "pass"; readonly isClean: boolean; readonly unresolved: number }
  | { readonly kind: "failed"; readonly reason: string };
