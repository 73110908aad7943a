// The contract of a mirror: a bot's own store of positions, as trueup reads it and brings it in line (R12). A
// mirror is never written without having been read again first, and never when it changed in between.
import type { Decimal, Leg, MirrorChange, MirrorRow, MirrorScope } from "../core/index.ts";

/** A position's row in a store; its id is null where it has none yet. `qty` is that of the change, signed. */
export interface RowPlace {
  readonly instrument: string;
  readonly leg: Leg;
  readonly rowId: string | null;
  readonly qty: Decimal;
}

/** A row as it was before a write and as that write left it, each in the store's own words; null where there was none. */
export interface Restoration {
  readonly place: RowPlace;
  readonly before: string | null;
  readonly after: string | null;
}

export interface MirrorRead {
  /** `complete`: all rows were read. `unavailable`: the store itself could not be read; nothing may be changed. */
  readonly quality: "complete" | "unavailable";
  readonly rows: readonly MirrorRow[];
  /** In words, when unavailable: what was found, what to do. */
  readonly problem?: string;
  /** Changes with every change of the store. */
  readonly version: string;
  /**
   * The row (where it stands twice, both) exactly as it is in the store, to be put back by `restore`: JSON, which
   * nobody else looks into. Null where there is none. Absent where the store cannot put rows back.
   */
  readonly imageOf?: (place: RowPlace) => string | null;
}

export type MirrorWrite =
  /** `backup` names where the store as it was is kept; null where the store keeps history by itself. */
  | { readonly kind: "written"; readonly backup: string | null }
  /** Somebody wrote since it was read: nothing was written. */
  | { readonly kind: "conflict"; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string };

export interface Mirror {
  readonly name: string;
  readonly scope: MirrorScope;
  readonly isPresenceOnly: boolean;
  readonly mayAdd: boolean;
  readonly demandsVenueReference: boolean;
  /** Where it is, for people: a path, a table. */
  readonly place: string;
  read(): Promise<MirrorRead>;
  /** Applies all changes or none, if the store is still at `version`. */
  write(changes: readonly MirrorChange[], version: string): Promise<MirrorWrite>;
  /**
   * Puts a row back as it was before a write, if it still is exactly as that write left it and the store is at
   * `version`; `failed` when it is not. Absent where the store cannot.
   */
  restore?(restoration: Restoration, version: string): Promise<MirrorWrite>;
  close?(): Promise<void>;
}
