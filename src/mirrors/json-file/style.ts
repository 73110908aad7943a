// How the bot's file is set: line ends, indentation, colons. New text is set the same way, so that a person who
// compares two versions sees the change and nothing else.
import type { Document, Entry } from "./document.ts";
import { gapBefore, indentAt, indentOfGap } from "./edits.ts";
import type { JsonObject } from "./json.ts";

export interface Style {
  readonly lineEnd: string;
  /** One level of indentation. */
  readonly unit: string;
  /** What stands between a key and its value. */
  readonly colon: string;
  /** What stands between two members on one line. */
  readonly comma: string;
  /** Whether the members of a row have lines of their own. */
  readonly isRowTall: boolean;
}

const UNIT_DEFAULT = "  ";

export function styleOf(document: Document): Style {
  const { text, container, entries } = document;
  const sample = sampleOf(entries);
  const [member] = sample?.properties ?? (container.type === "object" ? container.properties : []);
  const written = member ? text.slice(member.nameEnd, member.value.start) : /"\s*:\S/.test(text) ? ":" : ": ";
  const colon = written.includes("\n") ? ": " : written;
  const [first] = entries;
  const isTall = first !== undefined && gapBefore(text, first.start).includes("\n");
  return {
    lineEnd: text.includes("\r\n") ? "\r\n" : "\n",
    unit: unitOf(document, sample),
    colon,
    comma: colon.endsWith(" ") ? ", " : ",",
    isRowTall: sample ? isTallObject(text, sample) : isTall || entries.length === 0,
  };
}

/** JSON text of a value; `indent` is that of the line it begins on, null to set all on one line. */
export function printValue(value: unknown, style: Style, indent: string | null): string {
  const plain: unknown = value instanceof Date ? value.toISOString() : value;
  if (typeof plain !== "object" || plain === null) return JSON.stringify(plain) ?? "null";
  const inner = indent === null ? null : indent + style.unit;
  if (Array.isArray(plain)) {
    const items = plain.map((item) => printValue(item, style, inner));
    return enclose("[", items, "]", style, indent);
  }
  const fields = Object.entries(plain).map(([name, item]) => [name, printValue(item, style, inner)] as const);
  return printFields(fields, style, indent);
}

/** An object of fields whose values are JSON text already. */
export function printFields(
  fields: readonly (readonly [string, string])[],
  style: Style,
  indent: string | null,
): string {
  const items = fields.map(([name, text]) => printMember(name, text, style));
  return enclose("{", items, "}", style, indent);
}

export function printMember(name: string, text: string, style: Style): string {
  return `${JSON.stringify(name)}${style.colon}${text}`;
}

/** Items between brackets. */
export function enclose(
  open: string,
  items: readonly string[],
  close: string,
  { lineEnd, unit, comma }: Style,
  indent: string | null,
): string {
  if (items.length === 0) return open + close;
  if (indent === null) return open + items.join(comma) + close;
  const line = lineEnd + indent + unit;
  return open + line + items.join(`,${line}`) + lineEnd + indent + close;
}

/** What stands between an entry and a new one after it, without the comma. */
export function gapAfter(text: string, starts: readonly number[], index: number, style: Style): string {
  const gap = gapBefore(text, starts[index] ?? 0);
  const indent = indentOfGap(gap);
  if (indent !== null) return style.lineEnd + indent;
  // The first entry's gap is the space inside the bracket, which says nothing about the space after a comma.
  return index > 0 ? gap : style.comma.slice(1);
}

function sampleOf(entries: readonly Entry[]): JsonObject | undefined {
  const isSample = ({ value }: Entry) => value.type === "object" && value.properties.length > 0;
  const entry =
    entries.findLast((one) => one.reading.kind === "row" && isSample(one)) ?? entries.findLast(isSample);
  return entry?.value.type === "object" ? entry.value : undefined;
}

export function isTallObject(text: string, { properties }: JsonObject): boolean {
  const [first] = properties;
  return first !== undefined && gapBefore(text, first.start).includes("\n");
}

function unitOf({ text, container, entries }: Document, sample: JsonObject | undefined): string {
  const [first] = entries;
  const outer = indentAt(text, container.start);
  const inner = first && indentOfGap(gapBefore(text, first.start));
  if (inner?.startsWith(outer) && inner.length > outer.length) return inner.slice(outer.length);
  const [field] = sample?.properties ?? [];
  const ofField = field && indentOfGap(gapBefore(text, field.start));
  const ofRow = sample ? indentAt(text, sample.start) : "";
  if (ofField?.startsWith(ofRow) && ofField.length > ofRow.length) return ofField.slice(ofRow.length);
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? UNIT_DEFAULT;
}
