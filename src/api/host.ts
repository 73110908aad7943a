// What the API needs of an account: the engine behind it, however it is run.
import type {
  Admission,
  AmendIntent,
  Book,
  GateState,
  LotMove,
  NoteRequest,
  OrderIntent,
  OrderQuestion,
} from "../core/index.ts";
import type {
  AccountStatus,
  Applied,
  CommandResult,
  Confirmation,
  ExitPlanAnswer,
  ExitPlanGiven,
  Flattened,
  FlattenGiven,
  FlattenPlan,
  HealthDocument,
  KillReport,
  LotMoved,
  NotesOfPosition,
  OrderHandle,
  OrderReport,
  PassReport,
  Plan,
  Released,
  Undoing,
} from "../engine/index.ts";

/** A gate answer is good for this long; a bot that cannot renew it must take it for closed. In ms. */
export const GATE_LEASE_MS = 5_000;

/** What a kill did at once, account by account. */
export interface KillAnswer extends KillReport {
  /**
   * False when the account has stopped: the kill is latched, and in force when the account is opened again. What could be
   * cancelled without it was.
   */
  readonly isEngaged: boolean;
}

/** What a rehearsed kill took, on a paper account in memory. */
export interface DrillReport {
  /** Open orders when it began. */
  readonly orders: number;
  /** Calls to cancel in all, those of them that failed or were not answered, and those beyond the first of each order. */
  readonly calls: number;
  readonly failedCalls: number;
  readonly retries: number;
  /** From the kill to the last order's first cancel, to the last first answer, and until every order was seen to be gone; ms. */
  readonly dispatchedMs: number;
  readonly answeredMs: number;
  /** Null where some were not. */
  readonly confirmedMs: number | null;
  /** Orders whose first cancel was not taken, and those that nothing has shown as ended. */
  readonly notConfirmedAtFirst: number;
  readonly unconfirmed: number;
}

/**
 * Where the account has stopped by an error of ours, `book`, `reconcile`, `apply`, `undo`, `release`, `resume`,
 * `moveLot`, `note`, `setGate` and the order commands throw AccountStopped.
 */
export interface AccountHost {
  readonly name: string;
  /** What is known, all of it durable. */
  book(): Promise<Book>;
  /** May this order pass the gate now? Asking changes nothing. Where the account has stopped, nothing may. */
  admit(order: OrderQuestion): Admission;
  /** Always answers: of an account that has stopped, that it is unknown and its gate closed. */
  status(): AccountStatus;
  health(): HealthDocument;
  check(): Promise<PassReport>;
  reconcile(isForced: boolean): Promise<PassReport>;
  /** @param isNoExits Whether exits that were armed before may send no orders either. */
  kill(reason: string, by: string, isAll: boolean, isNoExits?: boolean): Promise<KillAnswer>;
  /** Rehearses a kill on a paper account in memory; this account is not touched. */
  drillKill(): Promise<DrillReport>;
  /** Releases a kill; false when there was none. */
  resume(reason: string, by: string): Promise<boolean>;
  /** Sends an order for an intent, once; the same intent again tells what became of it. */
  submit(intent: OrderIntent, by: string): Promise<CommandResult>;
  amend(intent: AmendIntent, by: string): Promise<CommandResult>;
  cancel(handle: OrderHandle, by: string): Promise<CommandResult>;
  /** Finds out what became of an order that a bot sent itself. */
  resolve(report: OrderReport, by: string): Promise<CommandResult>;
  /** When a person wants a position closed; what is refused is an answer. */
  setExitPlan(given: ExitPlanGiven, by: string): Promise<ExitPlanAnswer>;
  /** What would be done now, and what is refused; kept under its id. Changes nothing. @param copies Null for all. */
  plan(copies: readonly string[] | null): Promise<Plan>;
  /** Carries out a plan that was made here. @throws PlanError when it may not; nothing was changed then. */
  apply(planId: string, given: Confirmation): Promise<Applied>;
  /** What closing these positions would trade; kept under its id. Trades nothing. @param instrument Null for all. */
  planFlatten(instrument: string | null): Promise<FlattenPlan>;
  /** Closes the positions of such a plan. @throws PlanError when it may not; nothing was done then. */
  flatten(planId: string, given: FlattenGiven): Promise<Flattened>;
  /** Takes a repair back. @throws PlanError when it cannot; nothing was changed then. */
  undo(repairId: string, by: string): Promise<Undoing>;
  /** Ends the watch of a row whose repair was undone. @throws PlanError when it is not watched. */
  release(repairId: string, by: string): Promise<Released>;
  /** A person says whose a part of a position is. @throws ChangeError when it cannot be; nothing was changed then. */
  moveLot(move: LotMove): Promise<LotMoved>;
  /** Notes of a person on a position. @throws ChangeError when it is not held; nothing was changed then. */
  note(request: NoteRequest): Promise<NotesOfPosition>;
  setGate(
    state: Exclude<GateState, "killed">,
    instrument: string | null,
    reason: string,
    by: string,
  ): Promise<void>;
}
