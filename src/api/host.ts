// What the API needs of an account: the engine behind it, however it is run.
import type { AccountPolicy, GateState } from "../core/index.ts";
import type { AccountStatus, HealthDocument, KillReport, PassReport, Session } from "../engine/index.ts";

export interface AccountHost {
  readonly name: string;
  readonly policy: AccountPolicy;
  /** Undefined while the account is stopped by an error of ours; its gate is then closed. */
  session(): Session | undefined;
  status(): AccountStatus;
  health(): HealthDocument;
  check(): Promise<PassReport>;
  reconcile(isForced: boolean): Promise<PassReport>;
  kill(reason: string, by: string, isAll: boolean): Promise<KillReport>;
  resume(reason: string, by: string): Promise<void>;
  setGate(
    state: Exclude<GateState, "killed">,
    instrument: string | null,
    reason: string,
    by: string,
  ): Promise<void>;
}
