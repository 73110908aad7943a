// JSON as the venue wrote it: numbers keep their exact text, because a float would already have rounded them.

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** The engine's own parser; the type library does not know yet that a reviver is given the source text. */
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * Parses JSON. Every number comes back as the text that it was written with: a venue may write the same quantity as
 * `"1.25"` in one answer and as `1.25` in another, and to us they are the same.
 * @throws SyntaxError when the text is not JSON, also when it is only half of it.
 */
export function parseExact(text: string): unknown {
  return parseWithSource(text, (_, value, { source }) => (typeof value === "number" ? source : value));
}

/** Undefined where it is not JSON, or only a part of it. */
export function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
