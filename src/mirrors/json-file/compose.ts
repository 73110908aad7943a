// The file's text after the changes, by the smallest edits, and what reading it must give: rows that are not
// changed byte for byte, the others as intended. Nothing is written here.
import { type Decimal, type MirrorChange, sign } from "../../core/index.ts";
import type { Document, Entry } from "./document.ts";
import { applyEdits, type Edit, gapBefore, indentAt, indentOfGap } from "./edits.ts";
import type { JsonObject } from "./json.ts";
import type { Layout } from "./layout.ts";
import { examplesOf, newRowText, numberText, type Spelling, unsignedOrSigned } from "./new-row.ts";
import { type Planned, planChanges } from "./plan.ts";
import { sideWord, signOfSide } from "./spelling.ts";
import { enclose, gapAfter, printMember, printValue, type Style, styleOf } from "./style.ts";
import { spellerIn } from "./symbols.ts";
import { decimalOf, fieldsOf, plainValue } from "./values.ts";

/** What the entry at this place of the new file must be. */
export type Expected =
  | { readonly kind: "same"; readonly entry: Entry }
  | { readonly kind: "closed"; readonly change: MirrorChange }
  | {
      readonly kind: "corrected";
      readonly entry: Entry;
      readonly change: MirrorChange;
      readonly entryPrice: Decimal | undefined;
    }
  | { readonly kind: "added"; readonly change: MirrorChange };

export interface Composed {
  readonly kind: "composed";
  /** The whole file, byte order mark included. */
  readonly content: string;
  /** One for each entry of the new file, in order. */
  readonly expected: readonly Expected[];
}

export function composeChanges(
  document: Document,
  changes: readonly MirrorChange[],
  layout: Layout,
): Composed | Extract<Planned, { readonly kind: "impossible" }> {
  const planned = planChanges(document, changes, layout);
  return planned.kind === "impossible" ? planned : new Composer(document, layout, planned.plan).compose();
}

class Composer {
  private readonly document: Document;
  private readonly layout: Layout;
  private readonly plan: Extract<Planned, { readonly kind: "planned" }>["plan"];
  private readonly style: Style;
  private readonly edits: Edit[] = [];
  /** For each entry that stays, by its place in the old file. */
  private readonly kept: { readonly index: number; readonly expected: Expected }[] = [];

  constructor(document: Document, layout: Layout, plan: Composer["plan"]) {
    this.document = document;
    this.layout = layout;
    this.plan = plan;
    this.style = styleOf(document);
  }

  compose(): Composed {
    const { mark, text, entries } = this.document;
    for (const [index, entry] of entries.entries()) {
      const expected = this.change(entry);
      if (expected) this.kept.push({ index, expected });
    }
    this.removeGone();
    const place = this.anchor();
    const added = this.insertAdded(place);
    const expected = this.kept.map((one) => one.expected);
    expected.splice(place + 1, 0, ...added);
    return { kind: "composed", content: mark + applyEdits(text, this.edits), expected };
  }

  /** Edits inside one entry; undefined when the entry goes. */
  private change(entry: Entry): Expected | undefined {
    const reopening = this.plan.reopened.get(entry);
    if (reopening) return this.reopen(entry, reopening);
    const change = this.plan.changed.get(entry);
    if (!change) return { kind: "same", entry };
    if (change.action === "corrected") return this.correct(entry, change);
    const { onClose } = this.layout;
    if (onClose === "remove" || entry.value.type !== "object") return undefined;
    this.setFields(entry.value, Object.entries(onClose.set));
    return { kind: "closed", change };
  }

  private reopen({ value }: Entry, change: MirrorChange): Expected {
    const { text } = this.document;
    const indent = this.style.isRowTall ? indentAt(text, value.start) : null;
    this.replace(value, this.rowText(change, indent));
    return { kind: "added", change };
  }

  private correct(entry: Entry, change: MirrorChange): Expected {
    const before = entry.reading.kind === "row" ? entry.reading.row.entryPrice : undefined;
    if (entry.value.type !== "object") return { kind: "same", entry };
    const { fields } = this.layout;
    const { byName } = fieldsOf(entry.value);
    const qty = byName.get(fields.quantity ?? "");
    const wanted = unsignedOrSigned(change.qty, change.leg, this.layout);
    if (qty && decimalOf(qty) !== wanted) this.replace(qty, numberText(wanted, qty));
    this.correctSide(entry.value, change);
    const price = fields.entry_price === undefined ? undefined : byName.get(fields.entry_price);
    const isPriced = price !== undefined && change.entryPrice !== null;
    if (isPriced && decimalOf(price) !== change.entryPrice) {
      this.replace(price, numberText(change.entryPrice, price));
    }
    return { kind: "corrected", entry, change, entryPrice: isPriced ? change.entryPrice : before };
  }

  private correctSide(row: JsonObject, { qty }: MirrorChange): void {
    const { side } = this.layout.fields;
    const direction = sign(qty);
    if (side === undefined || direction === 0) return;
    const node = fieldsOf(row).byName.get(side);
    const word = node?.type === "string" ? node.content : undefined;
    if (word !== undefined && signOfSide(word) === direction) return;
    this.setFields(row, [[side, sideWord(direction, word)]]);
  }

  /** Gives fields of a row a value; those that it does not have yet go to its end. */
  private setFields(row: JsonObject, fields: readonly (readonly [string, unknown])[]): void {
    const { byName } = fieldsOf(row);
    const members: string[] = [];
    for (const [name, value] of fields) {
      const node = byName.get(name);
      const text = printValue(value, this.style, null);
      if (!node) members.push(printMember(name, text, this.style));
      else if (JSON.stringify(plainValue(node)) !== JSON.stringify(value)) this.replace(node, text);
    }
    const starts = row.properties.map(({ start }) => start);
    const last = row.properties.at(-1);
    if (last) {
      const gap = gapAfter(this.document.text, starts, starts.length - 1, this.style);
      this.insert(last.value.end, members.map((member) => `,${gap}${member}`).join(""));
    } else this.insert(row.start + 1, members.join(this.style.comma));
  }

  private rowText(change: MirrorChange, indent: string | null): string {
    const { document, layout } = this;
    this.spelling ??= { examples: examplesOf(document, layout), spell: spellerIn(document, layout) };
    return newRowText(change, layout, this.spelling, this.style, indent);
  }

  private spelling: Spelling | undefined;

  /** Takes out entries with the comma that is theirs: the one after them, or for those at the end the one before. */
  private removeGone(): void {
    const { entries } = this.document;
    const last = this.kept.at(-1)?.index ?? -1;
    const stays = new Set(this.kept.map(({ index }) => index));
    for (let index = 0; index < last; index += 1) {
      const [entry, next] = [entries[index], entries[index + 1]];
      if (entry && next && !stays.has(index)) this.replace({ start: entry.start, end: next.start }, "");
    }
    const [kept, end] = [entries[last], entries.at(-1)];
    if (kept && end && kept !== end) this.replace({ start: kept.end, end: end.end }, "");
  }

  /** The place in `kept` of the entry that new rows stand after: the last row, else the last entry; -1 for none. */
  private anchor(): number {
    const { entries } = this.document;
    const row = this.kept.findLastIndex(({ index }) => entries[index]?.reading.kind === "row");
    return row === -1 ? this.kept.length - 1 : row;
  }

  private insertAdded(place: number): Expected[] {
    const { text, entries } = this.document;
    const { added } = this.plan;
    const anchor = this.kept[place];
    if (!anchor) this.fill();
    else if (added.length > 0) {
      const starts = entries.map(({ start }) => start);
      const gap = gapAfter(text, starts, anchor.index, this.style);
      const members = this.newMembers(indentOfGap(gap));
      this.insert(entries[anchor.index]?.end ?? 0, members.map((member) => `,${gap}${member}`).join(""));
    }
    return added.map(({ change }) => ({ kind: "added", change }));
  }

  /** Nothing of what was in the container stays: its inside is written anew. */
  private fill(): void {
    const { text, container, entries } = this.document;
    const { style } = this;
    const inside = { start: container.start + 1, end: container.end - 1 };
    const [first] = entries;
    const isOnOneLine = first
      ? !gapBefore(text, first.start).includes("\n")
      : container.start > 0 && !text.slice(0, container.start).includes("\n");
    const indent = isOnOneLine ? null : indentAt(text, container.start);
    const members = this.newMembers(indent === null ? null : indent + style.unit);
    this.replace(inside, enclose("", members, "", style, indent));
  }

  private newMembers(indent: string | null): string[] {
    const rowIndent = this.style.isRowTall ? indent : null;
    return this.plan.added.map(({ key, change }) => {
      const row = this.rowText(change, rowIndent);
      return key === null ? row : printMember(key, row, this.style);
    });
  }

  private replace({ start, end }: { readonly start: number; readonly end: number }, text: string): void {
    this.edits.push({ start, end, text });
  }

  private insert(at: number, text: string): void {
    this.replace({ start: at, end: at }, text);
  }
}
