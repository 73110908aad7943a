// Values of a row's fields: exact decimals from the spelling in the file, and plain values for the bot's own.
import { type Decimal, parseDecimal } from "../../core/index.ts";
import type { JsonNode, JsonObject } from "./json.ts";

export interface RowFields {
  readonly byName: ReadonlyMap<string, JsonNode>;
  /** The first name that stands twice: which of the two the bot takes is not known. */
  readonly twice: string | undefined;
}

export function fieldsOf(row: JsonObject): RowFields {
  const byName = new Map<string, JsonNode>();
  let twice: string | undefined;
  for (const { name, value } of row.properties) {
    if (byName.has(name)) twice ??= name;
    byName.set(name, value);
  }
  return { byName, twice };
}

/** The number as it is spelled, in a JSON number or a JSON string; undefined when it is none, or too large. */
export function decimalOf(node: JsonNode | undefined): Decimal | undefined {
  return node?.type === "number" || node?.type === "string" ? parseDecimal(node.content) : undefined;
}

/** The content of a text, the spelling of a number or truth value; undefined for anything else. */
export function scalarText(node: JsonNode | undefined): string | undefined {
  if (node === undefined || node.type === "object" || node.type === "array" || node.type === "null") {
    return undefined;
  }
  return node.content;
}

/**
 * The value as JSON.parse would give it, but for numbers that a double cannot hold: those stay texts, in the
 * spelling of the file. Of a name that stands twice the last counts.
 */
export function plainValue(node: JsonNode): unknown {
  switch (node.type) {
    case "object":
      return Object.fromEntries(node.properties.map(({ name, value }) => [name, plainValue(value)]));
    case "array":
      return node.elements.map(plainValue);
    case "string":
      return node.content;
    case "number":
      return plainNumber(node.content);
    case "boolean":
      return node.content === "true";
    case "null":
      return null;
  }
}

function plainNumber(spelling: string): number | string {
  const value = Number(spelling);
  const exact = parseDecimal(spelling);
  return exact !== undefined && exact === parseDecimal(String(value)) ? value : spelling;
}
