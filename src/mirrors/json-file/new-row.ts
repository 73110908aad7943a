// The text of a row that the bot does not have yet: the template's fields, what is known of the position's life,
// and the mapped fields, spelled as in the rows that are there.
import { abs, type Decimal, type MirrorChange, sign } from "../../core/index.ts";
import type { Document } from "./document.ts";
import type { JsonNode } from "./json.ts";
import { isSymbolList, type Layout, mappedNames, membership } from "./layout.ts";
import { legWord, sideWord, timeText } from "./spelling.ts";
import { printFields, printValue, type Style } from "./style.ts";
import type { Speller } from "./symbols.ts";
import { fieldsOf } from "./values.ts";

/** The first value that a readable row has under a name, by name. */
export type Examples = ReadonlyMap<string, JsonNode>;

export function examplesOf({ entries }: Document, layout: Layout): Examples {
  const examples = new Map<string, JsonNode>();
  const wanted = new Set([...mappedNames(layout), ...Object.keys(membership(layout))]);
  for (const { reading, value } of entries) {
    if (wanted.size === 0) break;
    if (reading.kind !== "row" || reading.row.problem || value.type !== "object") continue;
    for (const [name, node] of fieldsOf(value).byName) {
      if (!wanted.has(name) || node.type === "null" || node.type === "object" || node.type === "array")
        continue;
      examples.set(name, node);
      wanted.delete(name);
    }
  }
  return examples;
}

/** How the bot writes: values by the name of their field, and symbols. */
export interface Spelling {
  readonly examples: Examples;
  readonly spell: Speller;
}

/** What a key or a template may be made of. */
type KeyFacts = Pick<MirrorChange, "instrument" | "leg" | "qty" | "entryPrice" | "venueOrderId" | "openedAt">;

/** The key of an added row. */
export function newKey(change: KeyFacts, layout: Layout, spell: Speller): string {
  const { shape } = layout;
  const pattern = (shape.kind === "object" ? shape.key : undefined) ?? "{instrument}";
  return filled(pattern, named(change, layout, new Map(), spell));
}

export function newRowText(
  change: MirrorChange,
  layout: Layout,
  { examples, spell }: Spelling,
  style: Style,
  indent: string | null,
): string {
  if (isSymbolList(layout)) return JSON.stringify(spell(change.instrument));
  const inner = indent === null ? null : indent + style.unit;
  const print = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, printValue(value, style, inner)]),
    );
  const own = print(change.metadata);
  const template = print(renderedTemplate(change, layout, examples, spell));
  const members = memberTexts(layout, template, examples);
  const ours = mappedTexts(change, layout, template, { examples, spell });
  // The template's order first, then ours; of two values of one name the later source counts.
  const values = { ...template, ...own, ...members, ...ours };
  const names = Object.keys({ ...template, ...ours, ...members, ...own });
  return printFields(
    names.map((name) => [name, values[name] ?? "null"]),
    style,
    indent,
  );
}

/** The bot's quantity: without a sign where another field says the direction. */
export function unsignedOrSigned(qty: Decimal, leg: MirrorChange["leg"], { fields }: Layout): Decimal {
  return fields.side !== undefined || leg !== "net" ? abs(qty) : qty;
}

/** A number as the bot writes it: a JSON number, or a text with one. */
export function numberText(value: Decimal, like: JsonNode | undefined): string {
  return like?.type === "string" ? JSON.stringify(value) : value;
}

/** JSON texts of the mapped fields; what is not known is what the template says, else null. */
function mappedTexts(
  change: MirrorChange,
  layout: Layout,
  template: Readonly<Record<string, string>>,
  { examples, spell }: Spelling,
): Record<string, string> {
  const { fields } = layout;
  const like = (name: string) => examples.get(name) ?? literal(layout.template?.[name]);
  const texts: Record<string, string> = {};
  const set = (name: string | undefined, write: (like: JsonNode | undefined) => string | null) => {
    if (name !== undefined) texts[name] = write(like(name)) ?? template[name] ?? "null";
  };
  const { entryPrice, venueOrderId, openedAt, leg } = change;
  set(fields.instrument, () => JSON.stringify(spell(change.instrument)));
  set(fields.leg, (word) => JSON.stringify(legWord(leg, contentOf(word))));
  set(fields.side, (word) => JSON.stringify(sideWord(directionOf(change), contentOf(word))));
  set(fields.quantity, (number) => numberText(unsignedOrSigned(change.qty, leg, layout), number));
  set(fields.entry_price, (number) => (entryPrice === null ? null : numberText(entryPrice, number)));
  set(fields.venue_order_id, (id) => (venueOrderId === null ? null : idText(venueOrderId, id)));
  set(fields.opened_at, (time) => (openedAt === null ? null : timeText(openedAt, time)));
  return texts;
}

/** JSON texts of what makes a row one of this mirror's: `where` knows texts only, the bot may have a number there. */
function memberTexts(
  layout: Layout,
  template: Readonly<Record<string, string>>,
  examples: Examples,
): Record<string, string> {
  const texts = Object.entries(membership(layout)).map(([name, wanted]) => {
    const like = examples.get(name);
    const isBare = like === undefined ? template[name] === wanted : like.type !== "string";
    return [name, isBare ? wanted : JSON.stringify(wanted)];
  });
  return Object.fromEntries(texts);
}

function directionOf({ qty }: Pick<MirrorChange, "qty">): 1 | -1 {
  return sign(qty) < 0 ? -1 : 1;
}

function idText(id: string, like: JsonNode | undefined): string {
  return like?.type === "number" && /^[1-9]\d*$/.test(id) ? id : JSON.stringify(id);
}

function contentOf(node: JsonNode | undefined): string | undefined {
  return node?.type === "string" ? node.content : undefined;
}

/** A template's own value as an example of how the bot spells it; a text with a name in braces is none. */
function literal(value: unknown): JsonNode | undefined {
  if (typeof value === "number") return { type: "number", start: 0, end: 0, content: String(value) };
  if (typeof value !== "string" || value.includes("{")) return undefined;
  return { type: "string", start: 0, end: 0, content: value };
}

/** What each name in braces stands for. */
type Named = Readonly<Record<string, string | null>>;

function named(change: KeyFacts, layout: Layout, examples: Examples, spell: Speller): Named {
  const { side, leg } = layout.fields;
  const word = (name: string | undefined) => (name === undefined ? undefined : contentOf(examples.get(name)));
  return {
    instrument: spell(change.instrument),
    leg: legWord(change.leg, word(leg)),
    side: sideWord(directionOf(change), word(side)),
    qty: abs(change.qty),
    net_qty: change.qty,
    entry_price: change.entryPrice,
    venue_order_id: change.venueOrderId,
    opened_at: change.openedAt === null ? null : new Date(change.openedAt).toISOString(),
  };
}

function renderedTemplate(
  change: MirrorChange,
  layout: Layout,
  examples: Examples,
  spell: Speller,
): Record<string, unknown> {
  const values = named(change, layout, examples, spell);
  const render = (value: unknown): unknown => {
    if (typeof value === "string") {
      const only = /^\{(\w+)\}$/.exec(value)?.[1];
      return only !== undefined && Object.hasOwn(values, only) ? values[only] : filled(value, values);
    }
    if (Array.isArray(value)) return value.map(render);
    if (typeof value !== "object" || value === null || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, render(item)]));
  };
  return render(layout.template ?? {}) as Record<string, unknown>;
}

/** A name in braces that is none of ours stays as it is; one whose value is not known now becomes nothing. */
function filled(pattern: string, values: Named): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? "") : whole,
  );
}
