// Strict JSON with the place of every value: so that a number keeps the spelling it was written with, and an edit
// touches nothing but what it is about. Comments, trailing commas and NaN are refused, as the bot's own parser may.
import { type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";

interface Place {
  /** Offset of the first character, and of the one after the last. */
  readonly start: number;
  readonly end: number;
}

export interface JsonObject extends Place {
  readonly type: "object";
  /** As they stand: a name may be there twice. */
  readonly properties: readonly Property[];
}

export interface JsonArray extends Place {
  readonly type: "array";
  readonly elements: readonly JsonNode[];
}

export interface JsonScalar extends Place {
  readonly type: "string" | "number" | "boolean" | "null";
  /** A string's content; any other value is what stands in the text. */
  readonly content: string;
}

export type JsonNode = JsonObject | JsonArray | JsonScalar;

export interface Property {
  readonly name: string;
  readonly start: number;
  readonly nameEnd: number;
  readonly value: JsonNode;
}

export type Parsed =
  | { readonly kind: "json"; readonly root: JsonNode }
  | { readonly kind: "bad"; readonly offset: number; readonly isTruncated: boolean; readonly found: string };

/** Deeper nesting is a mistake or an attack: a recursive reader, ours or the bot's, would run out of stack. */
export const NESTING_MAX = 200;

/** Characters of what was found that a message shows. */
const SHOWN_CHARS = 24;

export function parseJson(text: string): Parsed {
  const tree = new TreeBuilder(text);
  try {
    visit(text, tree, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    const found = `nesting of more than ${NESTING_MAX} levels`;
    return { kind: "bad", offset: error.offset, isTruncated: false, found };
  }
  const { first, root } = tree;
  if (first) return { kind: "bad", ...first };
  if (!root) return { kind: "bad", offset: 0, isTruncated: true, found: "nothing" };
  return { kind: "json", root };
}

class TooDeep extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super("nested too deep");
    this.offset = offset;
  }
}

/** Nodes while their end is not known yet. */
type Open =
  | { type: "object"; start: number; end: number; properties: Property[] }
  | { type: "array"; start: number; end: number; elements: JsonNode[] };

class TreeBuilder {
  root: JsonNode | undefined;
  first: { offset: number; isTruncated: boolean; found: string } | undefined;
  private readonly open: Open[] = [];
  private readonly names: { name: string; start: number; nameEnd: number }[] = [];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  readonly onObjectBegin = (start: number): void =>
    this.enter({ type: "object", start, end: start, properties: [] });
  readonly onArrayBegin = (start: number): void =>
    this.enter({ type: "array", start, end: start, elements: [] });
  readonly onObjectEnd = (offset: number): void => this.leave(offset + 1);
  readonly onArrayEnd = (offset: number): void => this.leave(offset + 1);

  readonly onObjectProperty = (name: string, start: number, length: number): void => {
    this.names.push({ name, start, nameEnd: start + length });
  };

  readonly onLiteralValue = (value: unknown, start: number, length: number): void => {
    const end = start + length;
    if (typeof value === "string") this.add({ type: "string", start, end, content: value });
    else {
      const type = value === null ? "null" : typeof value === "number" ? "number" : "boolean";
      this.add({ type, start, end, content: this.text.slice(start, end) });
    }
  };

  readonly onError = (code: ParseErrorCode, offset: number, length: number): void => {
    this.first ??= describe(this.text, printParseErrorCode(code), offset, length);
  };

  private enter(node: Open): void {
    if (this.open.length >= NESTING_MAX) throw new TooDeep(node.start);
    this.add(node);
    this.open.push(node);
  }

  private leave(end: number): void {
    const node = this.open.pop();
    if (node) node.end = end;
  }

  private add(node: JsonNode): void {
    const parent = this.open.at(-1);
    if (!parent) this.root ??= node;
    else if (parent.type === "array") parent.elements.push(node);
    else {
      const name = this.names.pop();
      if (name) parent.properties.push({ ...name, value: node });
    }
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  PropertyNameExpected: "where a key in double quotes was expected",
  ValueExpected: "where a value was expected",
  ColonExpected: "where a colon was expected",
  CommaExpected: "where a comma was expected",
  CloseBraceExpected: "where } was expected",
  CloseBracketExpected: "where ] was expected",
  EndOfFileExpected: "after the end of the value",
};

const BROKEN: Readonly<Record<string, string>> = {
  InvalidCommentToken: "a comment",
  UnexpectedEndOfString: "a text that does not end on its line",
  UnexpectedEndOfNumber: "a number that breaks off",
  InvalidUnicode: "a text with a broken \\u escape",
  InvalidEscapeCharacter: "a text with an escape that JSON does not have",
  InvalidCharacter: "a text with a control character in it",
};

function describe(text: string, code: string, offset: number, length: number) {
  const end = text.trimEnd().length;
  const token = text.slice(offset, offset + Math.max(1, length));
  const expected = EXPECTED[code];
  if (expected !== undefined && offset >= end) return { offset: end, isTruncated: true, found: "the end" };
  const isTrailing = /^[\]}]/.test(token) && text.slice(0, offset).trimEnd().endsWith(",");
  if (isTrailing) return { offset, isTruncated: false, found: "a comma with nothing after it" };
  const isTruncated = offset + length >= end && isBrokenOff(code, token);
  const found = BROKEN[code] ?? [shown(token), expected].filter(Boolean).join(" ");
  return { offset, isTruncated, found };
}

function isBrokenOff(code: string, token: string): boolean {
  if (code === "UnexpectedEndOfString" || code === "UnexpectedEndOfNumber") return true;
  return code === "InvalidSymbol" && ["true", "false", "null", "-0"].some((word) => word.startsWith(token));
}

/** A piece of somebody else's text, short and on one line. */
export function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);
}

/** Line and column, both from 1, of offsets in a text; the lines are looked for once. */
export class Lines {
  private starts: number[] | undefined;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  at(offset: number): string {
    this.starts ??= [0, ...this.text.matchAll(/\n/g).map((match) => match.index + 1)];
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return `line ${low + 1}, column ${offset - (this.starts[low] ?? 0) + 1}`;
  }
}
