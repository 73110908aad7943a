// How a bot's file is laid out, as the configuration says it (R12): where the rows are, which of them belong to
// the mirror, what their fields are called. Parsed and checked elsewhere; here are the words and what they imply.
import type { MirrorScope } from "../../core/index.ts";
import type { Clock, Files } from "../../runtime/index.ts";

export type Shape =
  | {
      /** One key a position; the key is the symbol unless `fields.instrument` is given. */
      readonly kind: "object";
      /** Keys that begin with it are not positions and are never touched; default "_", "" for none. */
      readonly ignorePrefix?: string | undefined;
      /** The key of an added row, with names in braces as in `template`; default "{instrument}". */
      readonly key?: string | undefined;
    }
  /** One element a position; without `fields.instrument` a plain list of symbols (presence only). */
  | { readonly kind: "array" };

/** Names of the bot's fields that trueup reads and writes; all others are the bot's own. */
export interface FieldNames {
  readonly instrument?: string | undefined;
  /** Signed, unless `side` is given or the row's leg is long or short. Without it: presence only. */
  readonly quantity?: string | undefined;
  /** long/short or buy/sell, in any case. */
  readonly side?: string | undefined;
  readonly entry_price?: string | undefined;
  /** net/both, long/buy, short/sell, in any case; may be the same field as `side`. Without it: net. */
  readonly leg?: string | undefined;
  /** In the scope of a strategy only rows with its name here belong to the mirror. Stays one of the bot's own. */
  readonly strategy?: string | undefined;
  readonly venue_order_id?: string | undefined;
  readonly opened_at?: string | undefined;
}

/** What becomes of the row of a position that is closed. A row whose fields equal `set` is not read any more. */
export type OnClose = "remove" | { readonly set: Readonly<Record<string, unknown>> };

export interface Layout {
  readonly scope: MirrorScope;
  readonly shape: Shape;
  /** Dotted path to the object or array that has the rows; default: the top level. */
  readonly at?: string | undefined;
  /** Only rows whose fields equal these belong to the mirror. */
  readonly where?: Readonly<Record<string, string>> | undefined;
  readonly fields: FieldNames;
  readonly mayAdd: boolean;
  /** A row is only added with the venue order id of the fill that opened the position. */
  readonly demandsVenueReference: boolean;
  /**
   * Fields of an added row beside the mapped ones, and what a mapped one is while it is not known. Texts may
   * contain {instrument}, {leg}, {side}, {qty} (not signed), {net_qty} (signed), {entry_price},
   * {venue_order_id}, {opened_at}; a text that is nothing but such a name becomes null while that is unknown.
   */
  readonly template?: Readonly<Record<string, unknown>> | undefined;
  readonly onClose: OnClose;
  /** The venue's symbol by the bot's, where they differ. */
  readonly symbols?: Readonly<Record<string, string>> | undefined;
  /** What the account's venue knows a text to mean (Venue.named); where there is none a text is a name as it stands. */
  readonly named?: ((spelling: string) => readonly string[]) | undefined;
}

export interface JsonFileOptions extends Layout {
  readonly name: string;
  readonly path: string;
  readonly files: Files;
  readonly clock: Pick<Clock, "nowMs">;
  /** How many files as they were are kept beside it; at least 1, default 10. */
  readonly backups?: number | undefined;
}

export const BACKUPS_DEFAULT = 10;

/** The file keeps no quantities. */
export function isPresenceOnly({ fields }: Layout): boolean {
  return fields.quantity === undefined;
}

/** The rows are nothing but symbols: a feed's subscription list. */
export function isSymbolList({ shape, fields }: Layout): boolean {
  return shape.kind === "array" && fields.instrument === undefined;
}

/** Names of the fields that trueup writes; what is left in a row is the bot's own. */
export function mappedNames({ fields }: Layout): ReadonlySet<string> {
  const { instrument, quantity, side, entry_price, leg, venue_order_id, opened_at } = fields;
  const names = [instrument, quantity, side, entry_price, leg, venue_order_id, opened_at];
  return new Set(names.filter((name) => name !== undefined));
}

/** What a row's fields must equal to belong to the mirror. */
export function membership({ scope, where, fields }: Layout): Readonly<Record<string, string>> {
  const isOfStrategy = scope.type === "strategy" && fields.strategy !== undefined;
  return { ...where, ...(isOfStrategy && { [fields.strategy]: scope.strategy }) };
}

/** What in the configuration cannot work together, in words; empty when it can. */
export function layoutProblems(layout: JsonFileOptions): string[] {
  const { shape, fields, onClose, mayAdd, backups = BACKUPS_DEFAULT } = layout;
  const isList = isSymbolList(layout);
  const others = Object.entries(fields).filter(([, name]) => name !== undefined);
  return [
    ...(backups < 1 ? [`at least 1 backup is kept, and ${backups} were asked for`] : []),
    ...(isList && others.length > 0
      ? [
          `an array of rows needs fields.instrument; without it the rows are plain symbols and have no ${others[0]?.[0]}`,
        ]
      : []),
    ...(isList && Object.keys(membership(layout)).length > 0
      ? ["a list of plain symbols has no fields that `where` could look at"]
      : []),
    ...(isList && onClose !== "remove"
      ? ['a list of plain symbols cannot be marked as closed; use on_close = "remove"']
      : []),
    ...(onClose !== "remove" && Object.keys(onClose.set).length === 0
      ? ["on_close.set names no field, so that every row would be a closed one"]
      : []),
    ...(mayAdd && shape.kind === "object" && fields.instrument !== undefined && shape.key === undefined
      ? [
          "rows may be added and their key is not the symbol; say with shape.key what the key of an added row is",
        ]
      : []),
  ];
}
