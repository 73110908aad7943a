// The gate: may the bot trade (R10)? A state for the account and one for each instrument, each with the reasons
// that hold it there. Which reasons hold is decided in gate-reasons.ts; whether an order may pass, in admit.ts.
import { GATE_STATES, type GateState } from "./words.ts";

export interface GateReason {
  /** Stable code: `boot`, `suspect_read`, `incomplete_read`, `discrepancy`, `stuck_in_flight`, `operator`, `kill` … */
  readonly code: string;
  readonly state: Exclude<GateState, "open">;
  /** For a person: what was found. */
  readonly text: string;
  /** Ids of records, discrepancies, orders or sections that show it. */
  readonly evidence: readonly string[];
  readonly sinceMs: number;
  /** When it is looked at again at the latest; null when only a person releases it. */
  readonly deadlineMs: number | null;
}

export interface Gate {
  readonly account: readonly GateReason[];
  /** Instruments that have reasons of their own; others follow the account. */
  readonly instruments: Readonly<Record<string, readonly GateReason[]>>;
}

export const GATE_CLOSED_TEXT = "no complete read of the account yet";

export function stricter(a: GateState, b: GateState): GateState {
  return GATE_STATES.indexOf(a) >= GATE_STATES.indexOf(b) ? a : b;
}

export function stateOf(reasons: readonly GateReason[]): GateState {
  return reasons.reduce<GateState>((state, reason) => stricter(state, reason.state), "open");
}

/** The gate of one instrument: the stricter of its own and the account's. */
export function gateFor(gate: Gate, instrument: string): GateState {
  return stricter(stateOf(gate.account), stateOf(gate.instruments[instrument] ?? []));
}

/** The strictest state anywhere in the account. */
export function overallState(gate: Gate): GateState {
  return Object.values(gate.instruments).reduce(
    (state, reasons) => stricter(state, stateOf(reasons)),
    stateOf(gate.account),
  );
}
