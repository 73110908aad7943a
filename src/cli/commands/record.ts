// `trueup record`: what a venue sends, written down as a file that can be given away: no key is in it, and who somebody is
// has been taken out. Asks beside whoever is at work on the account; nothing is written at the venue or in the journal.
import { lstatSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SECTIONS } from "../../core/index.ts";
import { adapterFacts } from "../../daemon/adapters.ts";
import { CliError, EXIT, type ExitCode } from "../../daemon/exit.ts";
import { redactor } from "../../daemon/redact.ts";
import { guarded, problemOf } from "../../engine/index.ts";
import type { Venue } from "../../venues/index.ts";
import type { Command, Context } from "../context.ts";
import { counted } from "../output.ts";
import { type RecordedAnswer, recordingText } from "../recording.ts";
import { openVenues, sinceMs } from "./venue.ts";

export interface RecordOptions {
  readonly out?: string;
  readonly since?: string;
  /** How long the stream is listened to, in seconds. */
  readonly stream?: string;
  readonly force?: boolean;
}

/** A day of a quiet account has some messages; a busy one fills a file within minutes. */
const STREAM_S_MAX = 86_400;

export const record: Command<RecordOptions> = async (context, options) => {
  const { parts, out, io } = context;
  const streamMs = secondsOf(options.stream) * 1_000;
  const fromMs = sinceMs(options.since ?? "24h", parts.runtime.clock.nowMs());
  const [account, venue] = await onlyVenue(context);
  try {
    const file = resolve(io.cwd, options.out ?? `${venue.name}-${account}.recording.json`);
    if (lstatSync(file, { throwIfNoEntry: false }) && !options.force) {
      throw new CliError(
        EXIT.usage,
        "already_there",
        `${file} is there already; name another with --out, or --force`,
      );
    }
    const answers = await answersOf(context, venue, fromMs);
    const messages = streamMs > 0 ? await messagesOf(context, venue, streamMs) : [];
    const id = await idOf(context, venue);
    const facts = await adapterFacts(venue.name);
    const head = {
      venue: venue.name,
      client: facts?.declaration.client ?? null,
      version: parts.version,
      recordedAt: new Date(parts.runtime.clock.nowMs()).toISOString(),
    };
    const text = recordingText(head, [...answers, ...messages], redactor(id === undefined ? [] : [id]));
    // A link that leads nowhere is no free name either.
    writeFileSync(file, text, { mode: 0o600, flag: options.force ? "w" : "wx" });
    const counts = `${counted(answers.length, "answer")}, ${counted(messages.length, "message")}`;
    if (out.isJson)
      out.json({ file, account, venue: venue.name, answers: answers.length, messages: messages.length });
    else {
      out.line(`${file}: ${counts} of ${venue.name}, names and ids of people, accounts and wallets replaced`);
      out.line("read it before you give it away: quantities, prices, order ids and times are as they were");
      out.line(`trueup venue replay ${file} --venue ${venue.name}   shows what trueup makes of it`);
    }
    return exitOf(answers);
  } finally {
    await venue.close?.();
  }
};

/** The last answer to each request counts; a recording without some of them is one, and says so. */
function exitOf(answers: readonly RecordedAnswer[]): ExitCode {
  // What is asked for in a body has one address for all questions: there each answer counts.
  const nameOf = (source: string, index: number) => (source.startsWith("GET ") ? source : String(index));
  const last = [...new Map(answers.map((answer, index) => [nameOf(answer.source, index), answer])).values()];
  const good = last.filter(({ status, problem }) => problem === null && (status === null || status < 300));
  if (good.length === last.length) return EXIT.done;
  return good.length > 0 ? EXIT.unresolved : EXIT.venue;
}

async function onlyVenue(context: Context): Promise<readonly [string, Venue]> {
  const venues = await openVenues(context, []);
  const [first, ...others] = venues;
  if (first && others.length === 0) return first;
  for (const [, venue] of venues) await venue.close?.();
  const names = venues.map(([name]) => name).join(", ");
  if (!first) {
    const text = "no account could be opened; look at it with: trueup venue doctor";
    throw new CliError(EXIT.venue, "none_opened", text);
  }
  const text = `one recording is of one account; name one with --account: ${names}`;
  throw new CliError(EXIT.usage, "one_account", text);
}

async function answersOf(
  { parts }: Context,
  venue: Venue,
  fromMs: number,
): Promise<readonly RecordedAnswer[]> {
  if (!venue.raw) {
    const text = `the adapter of ${venue.name} does not hand out answers as they came: there is nothing to record`;
    throw new CliError(EXIT.usage, "no_raw", text);
  }
  const answers: RecordedAnswer[] = [];
  for (const section of SECTIONS) {
    const raw = await guarded(venue.raw(section, fromMs), parts.runtime).catch((error: unknown) => [
      { request: section, status: null, body: "", problem: problemOf(error) },
    ]);
    answers.push(...raw.map(({ request, ...rest }) => ({ source: request, ...rest })));
  }
  return answers;
}

async function messagesOf(
  { out }: Context,
  venue: Venue,
  streamMs: number,
): Promise<readonly RecordedAnswer[]> {
  if (!venue.stream)
    throw new CliError(EXIT.usage, "no_stream", `${venue.name} has no stream; leave out --stream`);
  const messages: RecordedAnswer[] = [];
  const keep = (body: string) => messages.push({ source: "stream", status: null, body, problem: null });
  out.note(`listening to the stream for ${streamMs / 1_000} s`);
  const handle = await venue
    .stream(() => undefined, keep)
    .catch((cause: unknown) => {
      throw new CliError(EXIT.venue, "no_stream_now", `the stream did not connect: ${problemOf(cause)}`, {
        cause,
      });
    });
  try {
    await wait(streamMs);
  } finally {
    await handle.close();
  }
  return messages;
}

/** The account's own id is in many answers under many names. */
async function idOf({ parts }: Context, venue: Venue): Promise<string | undefined> {
  const snapshot = await guarded(venue.snapshot(), parts.runtime).catch(() => undefined);
  return snapshot?.venueAccountId;
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= STREAM_S_MAX) return seconds;
  const allowed = `a whole number of seconds from 1 to ${STREAM_S_MAX}`;
  throw new CliError(EXIT.usage, "bad_stream", `--stream ${text}: give ${allowed}`);
}
