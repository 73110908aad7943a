// Which entries of the file the changes are about. All of them can be made or none is: the first that cannot is
// said in one sentence.
import { type MirrorChange, type PositionKey, positionKey } from "../../core/index.ts";
import type { Document, Entry } from "./document.ts";
import { shown } from "./json.ts";
import { isPresenceOnly, type Layout } from "./layout.ts";
import { newKey } from "./new-row.ts";
import { isIgnored } from "./rows.ts";
import { type Speller, spellerIn } from "./symbols.ts";

export interface Plan {
  /** Entries to remove (or mark as closed) and to correct. */
  readonly changed: ReadonlyMap<Entry, MirrorChange>;
  /** Closed entries whose key a new row takes. */
  readonly reopened: ReadonlyMap<Entry, MirrorChange>;
  /** New rows, each with its key (null in an array). */
  readonly added: readonly { readonly key: string | null; readonly change: MirrorChange }[];
}

export type Planned =
  | { readonly kind: "planned"; readonly plan: Plan }
  | { readonly kind: "impossible"; readonly detail: string };

/** Ends the planning; caught where it begins. */
class Impossible extends Error {}

export function planChanges(document: Document, changes: readonly MirrorChange[], layout: Layout): Planned {
  try {
    return { kind: "planned", plan: new Planner(document, layout).plan(changes) };
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    return { kind: "impossible", detail: error.message };
  }
}

class Planner {
  private readonly layout: Layout;
  private readonly spell: Speller;
  private readonly byKey = new Map<string, Entry>();
  private readonly byPosition = new Map<PositionKey, Entry[]>();
  private readonly planned = new Set<PositionKey>();

  constructor(document: Document, layout: Layout) {
    this.layout = layout;
    this.spell = spellerIn(document, layout);
    for (const entry of document.entries) {
      if (entry.key !== null) this.byKey.set(entry.key, entry);
      const { reading } = entry;
      if (reading.kind !== "row" || reading.row.problem) continue;
      const position = positionKey(reading.row.instrument, reading.row.leg);
      const twins = this.byPosition.get(position);
      if (twins) twins.push(entry);
      else this.byPosition.set(position, [entry]);
    }
  }

  plan(changes: readonly MirrorChange[]): Plan {
    const changed = new Map<Entry, MirrorChange>();
    const reopened = new Map<Entry, MirrorChange>();
    const added: { key: string | null; change: MirrorChange }[] = [];
    for (const change of changes) {
      const position = positionKey(change.instrument, change.leg);
      if (this.planned.has(position)) throw new Impossible(`there are two changes for ${position}`);
      this.planned.add(position);
      if (change.action !== "added") {
        for (const entry of this.existing(change, position)) changed.set(entry, change);
        continue;
      }
      const { key, closed } = this.placeFor(change, position);
      if (closed) reopened.set(closed, change);
      else added.push({ key, change });
    }
    return { changed, reopened, added };
  }

  /** All rows of the position: where it stands twice, identical rows were read as one and are changed as one (R9). */
  private existing(change: MirrorChange, position: PositionKey): readonly Entry[] {
    const twins = this.byPosition.get(position) ?? [];
    if (!twins.some(({ rowId }) => rowId === change.rowId)) {
      throw new Impossible(`there is no readable row ${shown(change.rowId ?? "")} for ${position}`);
    }
    if (change.action === "corrected" && isPresenceOnly(this.layout)) {
      throw new Impossible(`the row of ${position} keeps no quantity that could be corrected`);
    }
    return twins;
  }

  private placeFor(change: MirrorChange, position: PositionKey): { key: string | null; closed?: Entry } {
    const { mayAdd, demandsVenueReference } = this.layout;
    if (!mayAdd) throw new Impossible("rows may only be added where the configuration says add = true");
    if (demandsVenueReference && change.venueOrderId === null) {
      throw new Impossible(`a row of ${position} needs the venue order id that opened it, and none is known`);
    }
    if (this.byPosition.has(position)) throw new Impossible(`${position} has a row already`);
    if (this.layout.shape.kind === "array") return { key: null };
    const key = newKey(change, this.layout, this.spell);
    if (isIgnored(this.layout, key)) {
      throw new Impossible(
        `the key ${shown(key)} of the new row begins with what marks a key as no position`,
      );
    }
    const holder = this.byKey.get(key);
    if (holder === undefined) return { key: this.claim(key) };
    if (holder.reading.kind === "closed") return { key, closed: holder };
    const whose =
      holder.reading.kind === "row" ? "another row of this mirror" : "a row that is not of this mirror";
    throw new Impossible(
      `the key ${shown(key)} of the new row is that of ${whose}; give added rows a key of their own with shape.key`,
    );
  }

  private readonly claimed = new Set<string>();

  private claim(key: string): string {
    if (this.claimed.has(key)) {
      throw new Impossible(
        `two new rows would have the key ${shown(key)}; give each its own with shape.key, such as "{instrument}:{leg}"`,
      );
    }
    this.claimed.add(key);
    return key;
  }
}
