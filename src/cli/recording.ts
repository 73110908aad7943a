// The file of `trueup record`: each answer and each message of the stream as the venue sent it, redacted, with what was
// asked. Bodies stand in it as JSON, number for number as they came.

import { isObject } from "../venues/wire/fields.ts";
import { parseExact } from "../venues/wire/json.ts";

const FORMAT = "trueup recording 1";

export interface RecordedAnswer {
  /** Such as `GET /v2/positions`, or `stream`. */
  readonly source: string;
  readonly status: number | null;
  readonly body: string;
  readonly problem: string | null;
}

export interface RecordingHead {
  readonly venue: string;
  readonly client: string | null;
  /** Of trueup. */
  readonly version: string;
  readonly recordedAt: string;
}

/** @param redact Changes what tells who somebody is; numbers reach it, and leave it, as they were written. */
export function recordingText(
  head: RecordingHead,
  answers: readonly RecordedAnswer[],
  redact: (value: unknown) => unknown,
): string {
  const lines = answers.map(({ source, status, body, problem }) => {
    const head = { source: redact(source), status, problem: redact(problem) };
    return `${JSON.stringify(head).slice(0, -1)},"body":${bodyText(body, redact)}}`;
  });
  return `${JSON.stringify({ format: FORMAT, ...head }).slice(0, -1)},"answers":[\n${lines.join(",\n")}\n]}\n`;
}

/** Marks a number while it is a text. No venue writes it. */
const NUMBER = "\u0001";

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/** As JSON where it is JSON, with every number as it was written; else as a text, redacted as a whole. */
function bodyText(body: string, redact: (value: unknown) => unknown): string {
  try {
    const marked = parseWithSource(body, (_, value, { source }) =>
      typeof value === "number" ? `${NUMBER}${source}` : value,
    );
    // A text alone, with its quotes: without them it would be read as what is no JSON.
    if (typeof marked === "string" && !marked.startsWith(NUMBER)) return JSON.stringify(redact(body));
    return JSON.stringify(redact(marked)).replaceAll(/"\\u0001(-?[0-9.eE+-]+)"/g, "$1");
  } catch {
    return JSON.stringify(redact(body));
  }
}

export interface RecordedPayload {
  readonly source: string;
  /** As JSON text. */
  readonly body: string;
  /** What the adapter may take the payload for; undefined for messages of the stream. */
  readonly hint: string | undefined;
}

/** Undefined where the text is no recording. */
export function readRecording(text: string): readonly RecordedPayload[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.format !== FORMAT || !Array.isArray(value.answers)) return undefined;
  if (!value.answers.every(isObject)) return undefined;
  // Parsed once more for its own numbers: what the first reading made of them is not used.
  const exact = parseExact(text) as { readonly answers: readonly Readonly<Record<string, unknown>>[] };
  return exact.answers.map(({ source, body, problem }) => {
    const name = String(source);
    const broken = typeof body === "string" ? body : undefined;
    return {
      source: problem === null ? name : `${name} (${String(problem)})`,
      body: broken ?? JSON.stringify(body),
      hint: name === "stream" ? undefined : name,
    };
  });
}
