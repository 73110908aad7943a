// `trueup venue replay FILE --venue NAME`: what the adapter makes of a payload that somebody recorded. Nothing is asked
// of the venue; no configuration, no key and no journal is needed.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { adapterFacts } from "../../daemon/adapters.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { PayloadItem, PayloadReading, ReadPayload } from "../../venues/index.ts";
import { parseExact } from "../../venues/wire/json.ts";
import type { Command, Context } from "../context.ts";
import { counted } from "../output.ts";
import { readRecording } from "../recording.ts";
import { unknownVenue } from "./venues.ts";

export interface ReplayOptions {
  readonly venue: string;
  readonly hint?: string;
}

interface Replayed extends PayloadReading {
  /** Which answer or message of a recording it is; null where the file is one payload. */
  readonly source: string | null;
}

export const replay: Command<ReplayOptions> = async (context, { venue, hint }, path = "") => {
  const facts = await adapterFacts(venue);
  if (!facts) throw unknownVenue(venue);
  const { readPayload } = facts;
  if (!readPayload) {
    throw new CliError(EXIT.usage, "no_payloads", `${venue} speaks to nobody: it has no payloads to read`);
  }
  const readings = read(readPayload, textOf(context, path), path, hint);
  tell(context, readings);
  const items = readings.flatMap((reading) => reading.items);
  return items.some(({ kind }) => kind === "problem") ? EXIT.unresolved : EXIT.done;
};

function textOf({ io }: Context, path: string): string {
  try {
    return readFileSync(resolve(io.cwd, path), "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unreadable";
    throw new CliError(
      EXIT.usage,
      "no_file",
      `${path} cannot be read (${code}); name a file with one JSON payload`,
      {
        cause,
      },
    );
  }
}

/** One payload, or what `trueup record` wrote: each of its answers and messages is one. */
function read(
  readPayload: ReadPayload,
  text: string,
  path: string,
  hint: string | undefined,
): readonly Replayed[] {
  const recording = readRecording(text);
  if (recording === undefined) return [{ source: null, ...readPayload(parsed(text, path), hint) }];
  return recording.map(({ source, body, hint: own }) => {
    try {
      return { source, ...readPayload(parseExact(body), hint ?? own) };
    } catch {
      const problem = `${body.length} characters that are not JSON, or only a part of it`;
      return { source, takenFor: null, items: [{ kind: "problem", problem }] };
    }
  });
}

function parsed(text: string, path: string): unknown {
  try {
    return parseExact(text);
  } catch (cause) {
    const found =
      text.trim() === ""
        ? "is empty"
        : `has ${text.length} characters that are not JSON, or only a part of it`;
    throw new CliError(EXIT.usage, "no_json", `${path} ${found}; expected one payload as the venue sent it`, {
      cause,
    });
  }
}

function tell({ out }: Context, readings: readonly Replayed[]): void {
  if (out.isJson) {
    out.json({ payloads: readings });
    return;
  }
  for (const { source, takenFor, items } of readings) {
    const from = source === null ? "" : `${source}: `;
    out.line(`${from}taken for ${takenFor ?? "nothing that is known"}: ${counted(items.length, "item")}`);
    for (const item of items) {
      const tone = item.kind === "problem" ? "bad" : item.kind === "ignored" ? "dim" : undefined;
      const line = `  ${item.kind.padEnd(10)} ${textOfItem(item)}`;
      out.line(tone ? out.tone(tone, line) : line);
    }
  }
}

function textOfItem(item: PayloadItem): string {
  switch (item.kind) {
    case "ignored":
      return item.reason;
    case "problem":
      return item.problem;
    case "event": {
      const { kind, ...rest } = item.event;
      return [kind, ...Object.values(rest).map(fieldsOf)].join(" ");
    }
    case "outcome":
      return fieldsOf(item.outcome);
    default:
      return fieldsOf(item.row);
  }
}

/** Every field with its name, in the order of the row. */
function fieldsOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, field]) => `${name}=${typeof field === "object" ? JSON.stringify(field) : String(field)}`)
    .join(" ");
}
