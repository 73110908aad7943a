// One entry of the bot's file as a row of the mirror. Trouble in a row refuses that row and no other; what is not
// of this mirror, or marked as closed, is no row at all.
import { type Decimal, isZero, type Leg, type MirrorRow, negate, sign } from "../../core/index.ts";
import { type JsonNode, type Lines, shown } from "./json.ts";
import { isPresenceOnly, isSymbolList, type Layout, mappedNames, membership } from "./layout.ts";
import { legOfWord, signOfSide } from "./spelling.ts";
import { type SpelledRow, venueSymbol } from "./symbols.ts";
import { decimalOf, fieldsOf, plainValue, scalarText } from "./values.ts";

/** One key with its value, or one element of an array. */
export interface Cell {
  readonly rowId: string;
  readonly key: string | null;
  /** Of the whole entry, the key included. */
  readonly start: number;
  readonly end: number;
  readonly value: JsonNode;
}

export type Reading =
  /** `symbol` is the text that the bot has for the instrument. */
  | { readonly kind: "row"; readonly row: MirrorRow; readonly symbol?: string }
  /** Of this mirror, and marked as closed by `onClose`. */
  | { readonly kind: "closed" }
  /** Not a position, or not of this mirror. */
  | { readonly kind: "foreign" };

type Problem = NonNullable<MirrorRow["problem"]>;

/** A value that was read, or why it could not be. */
type Read<T> = { readonly value: T } | { readonly problem: Problem };

/** Reads entries of one layout; what it implies is worked out once. */
export class RowReader {
  private readonly layout: Layout;
  private readonly lines: Lines;
  private readonly mapped: ReadonlySet<string>;
  private readonly members: readonly (readonly [string, string])[];
  private readonly closed: readonly (readonly [string, string])[];

  constructor(layout: Layout, lines: Lines) {
    this.layout = layout;
    this.lines = lines;
    this.mapped = mappedNames(layout);
    this.members = Object.entries(membership(layout));
    const { onClose } = layout;
    this.closed =
      onClose === "remove" ? [] : Object.entries(onClose.set).map(([k, v]) => [k, JSON.stringify(v)]);
  }

  read(cell: Cell): Reading {
    if (isIgnored(this.layout, cell.key)) return { kind: "foreign" };
    if (isSymbolList(this.layout)) return this.symbolOnly(cell);
    if (cell.value.type !== "object") {
      const detail = `${this.place(cell.value)}: the row is ${kindOf(cell.value)}; it must be an object with fields`;
      return this.refused(cell, cell.key ?? cell.rowId, "net", new Map(), { code: "row_not_object", detail });
    }
    const { byName, twice } = fieldsOf(cell.value);
    if (!this.members.every(([name, wanted]) => scalarText(byName.get(name)) === wanted))
      return { kind: "foreign" };
    if (this.isClosed(byName)) return { kind: "closed" };
    return this.row(cell, byName, twice);
  }

  private isClosed(byName: ReadonlyMap<string, JsonNode>): boolean {
    return (
      this.closed.length > 0 &&
      this.closed.every(([name, wanted]) => {
        const node = byName.get(name);
        return node !== undefined && JSON.stringify(plainValue(node)) === wanted;
      })
    );
  }

  private symbolOnly(cell: Cell): Reading {
    const symbol = this.symbol(cell, cell.value, "the element");
    if ("problem" in symbol) return this.refused(cell, cell.rowId, "net", new Map(), symbol.problem);
    const { rowId } = cell;
    const { text, instrument } = symbol.value;
    return { kind: "row", row: { rowId, instrument, leg: "net", qty: null, metadata: {} }, symbol: text };
  }

  private row(cell: Cell, byName: ReadonlyMap<string, JsonNode>, twice: string | undefined): Reading {
    const { fields } = this.layout;
    const symbol = this.symbolOf(cell, byName);
    const instrument = "value" in symbol ? symbol.value.instrument : (cell.key ?? cell.rowId);
    const leg = this.leg(cell, byName);
    const legOrNet = "value" in leg ? leg.value : "net";
    const refuse = (problem: Problem) => this.refused(cell, instrument, legOrNet, byName, problem);
    if (twice !== undefined) {
      const detail = `${this.place(cell.value)}: the row has the field ${shown(twice)} twice; leave one of them`;
      return refuse({ code: "row_field_twice", detail });
    }
    if ("problem" in symbol) return refuse(symbol.problem);
    if ("problem" in leg) return refuse(leg.problem);
    const qty = isPresenceOnly(this.layout) ? { value: null } : this.quantity(cell, byName, leg.value);
    if ("problem" in qty) return refuse(qty.problem);
    const price = fields.entry_price === undefined ? undefined : decimalOf(byName.get(fields.entry_price));
    return {
      kind: "row",
      symbol: symbol.value.text,
      row: {
        rowId: cell.rowId,
        instrument,
        leg: leg.value,
        qty: qty.value,
        // A price that cannot be read is not reported: it never stands in the way of the quantity.
        ...(price !== undefined && sign(price) > 0 && { entryPrice: price }),
        metadata: this.metadata(byName),
      },
    };
  }

  private symbolOf(cell: Cell, byName: ReadonlyMap<string, JsonNode>): Read<SpelledRow> {
    const name = this.layout.fields.instrument;
    if (name !== undefined) return this.symbol(cell, byName.get(name), `the field ${shown(name)}`);
    const content = cell.key ?? "";
    return this.symbol(cell, { type: "string", start: cell.start, end: cell.start, content }, "the key");
  }

  private symbol(cell: Cell, node: JsonNode | undefined, what: string): Read<SpelledRow> {
    const text = node?.type === "string" ? node.content : undefined;
    if (text !== undefined && text !== "" && text.trim() === text) {
      const meant = venueSymbol(this.layout, text);
      if ("instrument" in meant) return { value: { text, instrument: meant.instrument } };
      const where = `${this.place(node ?? cell.value)}: ${what} is ${shown(text)}`;
      return { problem: unclear(where, meant.mayBe) };
    }
    const detail = `${this.place(node ?? cell.value)}: ${what} ${foundIn(node)}; a symbol is a text that is not empty and has no spaces around it`;
    return { problem: { code: "row_symbol", detail } };
  }

  private leg(cell: Cell, byName: ReadonlyMap<string, JsonNode>): Read<Leg> {
    const name = this.layout.fields.leg;
    if (name === undefined) return { value: "net" };
    const node = byName.get(name);
    const leg = node?.type === "string" ? legOfWord(node.content) : undefined;
    if (leg !== undefined) return { value: leg };
    const detail = `${this.place(node ?? cell.value)}: the leg ${shown(name)} ${foundIn(node)}; it is one of net, both, long, short, buy, sell`;
    return { problem: { code: "row_leg", detail } };
  }

  private quantity(cell: Cell, byName: ReadonlyMap<string, JsonNode>, leg: Leg): Read<Decimal> {
    const { quantity: name = "", side } = this.layout.fields;
    const node = byName.get(name);
    const qty = decimalOf(node);
    if (qty === undefined) {
      const detail = `${this.place(node ?? cell.value)}: the quantity ${shown(name)} ${foundIn(node)}; it is a number, or a text with one, of at most 96 digits before the point and 60 after it`;
      return { problem: { code: "row_quantity", detail } };
    }
    // A bot that keeps flat rows often has no side in them.
    if (isZero(qty) || (side === undefined && leg === "net")) return { value: qty };
    if (sign(qty) < 0) {
      const detail = `${this.place(node ?? cell.value)}: the quantity ${shown(name)} is ${shown(qty)}; where a side or leg says the direction it must not be negative`;
      return { problem: { code: "row_quantity", detail } };
    }
    const direction = this.direction(cell, byName, leg);
    if ("problem" in direction) return direction;
    return { value: direction.value > 0 ? qty : negate(qty) };
  }

  private direction(cell: Cell, byName: ReadonlyMap<string, JsonNode>, leg: Leg): Read<1 | -1> {
    const name = this.layout.fields.side;
    const ofLeg = leg === "net" ? undefined : leg === "long" ? 1 : -1;
    if (name === undefined && ofLeg !== undefined) return { value: ofLeg };
    const node = byName.get(name ?? "");
    const ofSide = node?.type === "string" ? signOfSide(node.content) : undefined;
    if (ofSide !== undefined && (ofLeg ?? ofSide) === ofSide) return { value: ofSide };
    const allowed = ofLeg === undefined ? "it is one of long, short, buy, sell" : `the row's leg is ${leg}`;
    const detail = `${this.place(node ?? cell.value)}: the side ${shown(name ?? "")} ${foundIn(node)}; ${allowed}`;
    return { problem: { code: "row_side", detail } };
  }

  private metadata(byName: ReadonlyMap<string, JsonNode>): Record<string, unknown> {
    const own = [...byName].filter(([name]) => !this.mapped.has(name));
    return Object.fromEntries(own.map(([name, node]) => [name, plainValue(node)]));
  }

  private refused(
    { rowId }: Cell,
    instrument: string,
    leg: Leg,
    byName: ReadonlyMap<string, JsonNode>,
    problem: Problem,
  ): Reading {
    const row = { rowId, instrument, leg, qty: null, metadata: this.metadata(byName), problem };
    return { kind: "row", row };
  }

  private place({ start }: { readonly start: number }): string {
    return this.lines.at(start);
  }
}

function unclear(where: string, mayBe: readonly string[]): Problem {
  const found =
    mayBe.length === 0
      ? "which is no instrument that is known at this account"
      : `which may be ${mayBe.join(" or ")}`;
  const detail = `${where}, ${found}; say with \`symbols\` of the mirror which instrument it is`;
  return { code: "row_symbol", detail, mayBe };
}

/** Whether a key is not a position's, whatever is in it. */
export function isIgnored({ shape }: Layout, key: string | null): boolean {
  if (shape.kind === "array" || key === null) return false;
  const { ignorePrefix = "_" } = shape;
  return ignorePrefix !== "" && key.startsWith(ignorePrefix);
}

function foundIn(node: JsonNode | undefined): string {
  if (node === undefined) return "is missing";
  return node.type === "string" || node.type === "number"
    ? `is ${shown(node.content)}`
    : `is ${kindOf(node)}`;
}

/** What a value is, in words. */
export function kindOf(node: JsonNode): string {
  switch (node.type) {
    case "object":
      return "an object";
    case "array":
      return "an array";
    case "string":
      return `the text ${shown(node.content)}`;
    case "number":
      return `the number ${shown(node.content)}`;
    case "boolean":
      return node.content;
    case "null":
      return "null";
  }
}
