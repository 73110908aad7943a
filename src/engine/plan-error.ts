// Why a plan, an undo or a release was refused. Nothing was done then. Codes are stable: docs/errors.md says what to do.

export class PlanError extends Error {
  readonly code:
    | "no_such_plan"
    | "plan_unreadable"
    | "plan_tampered"
    | "plan_of_other_account"
    | "plan_empty"
    | "plan_expired"
    | "plan_applied"
    | "plan_moved"
    | "plan_not_confirmed"
    | "plan_wrong_rows"
    | "observing"
    | "no_such_repair"
    | "already_undone"
    | "repair_proven"
    | "row_changed"
    | "cannot_restore"
    | "nothing_to_release";

  constructor(code: PlanError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PlanError";
    this.code = code;
  }
}
