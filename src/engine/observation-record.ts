// The record of an observation (R15): each section's quality and digest, and its full rows once under the digest.
// A section that is as it was last recorded is not recorded again.
import {
  type Book,
  type Draft,
  deriveId,
  draft,
  isActive,
  type Observation,
  type SectionDigest,
  type Span,
} from "../core/index.ts";
import { type Attachment, digestOf } from "../journal/index.ts";

const STATE_SECTIONS = ["positions", "orders", "balances"] as const;
const HISTORY_SECTIONS = ["fills", "ledger"] as const;

/** How often within the time for which a venue tells fills it is noted how far they were read. */
const NOTES_A_RETENTION = 4;

type Digests = Partial<Record<string, SectionDigest>>;

export interface RecordedObservation {
  readonly drafts: readonly Draft[];
  readonly attachments: readonly Attachment[];
}

export interface Recording {
  readonly book: Book;
  readonly observation: Observation;
  /** Until when this process has read the history completely; null before it did. Venue time, ms. */
  readonly provenToMs: number | null;
  /** How far back the venue tells fills; undefined without limit. In ms. */
  readonly retentionMs: number | undefined;
  readonly trigger: string;
  readonly passId: string;
}

export function recordObservation(recording: Recording): RecordedObservation {
  const { book, observation, trigger, passId } = recording;
  const sections: Digests = {};
  const attachments: Attachment[] = [];
  for (const name of STATE_SECTIONS) digestState(book, name, observation, sections, attachments);
  for (const name of HISTORY_SECTIONS) digestHistory(recording, name, sections);
  if (Object.keys(sections).length === 0) return { drafts: [], attachments };
  const { startedAtMs, finishedAtMs, venueAccountId } = observation;
  const facts = {
    observationId: deriveId("obs", [passId]),
    trigger,
    startedAtMs,
    finishedAtMs,
    ...(venueAccountId !== undefined && { venueAccountId }),
    sections,
  };
  return { drafts: [draft("observation_recorded", facts, passId)], attachments };
}

function digestState(
  book: Book,
  name: (typeof STATE_SECTIONS)[number],
  observation: Observation,
  sections: Digests,
  attachments: Attachment[],
): void {
  const section = observation[name];
  if (!section) return;
  // A price that moved is no change of what is held.
  const rows = JSON.stringify(section.rows.map(withoutPrice));
  const digest = digestOf(rows);
  const known = book.sections.get(name);
  if (known?.digest === digest && known.quality === section.quality) return;
  if (section.rows.length > 0) attachments.push({ digest, section: name, rows });
  sections[name] = { ...qualityOf(section), digest };
}

function withoutPrice(row: object): object {
  if (!("lastPrice" in row)) return row;
  const { lastPrice: _, ...rest } = row;
  return rest;
}

/** Rows of a history are records of their own; what is noted is how far it is proven, and where it has a gap. */
function digestHistory(
  recording: Recording,
  name: (typeof HISTORY_SECTIONS)[number],
  sections: Digests,
): void {
  const { book, observation } = recording;
  const section = observation[name];
  if (!section) return;
  const known = book.sections.get(name);
  const isSame = known?.quality === section.quality && known.problem === section.problem;
  const gap = name === "fills" ? gapOf(recording) : undefined;
  const isNews = !isSame || gap !== undefined || (name === "fills" && isNoteDue(recording));
  if (!isNews && Object.keys(sections).length === 0) return;
  const { coverage } = section;
  sections[name] = {
    ...qualityOf(section),
    digest: section.quality,
    ...(coverage && { coverage }),
    ...(gap && { gap }),
  };
}

/**
 * Where this history begins after the end of what was proven before: longer ago than the venue remembers. The first one that
 * is read at all has to reach back to what the book already had by then.
 */
function gapOf({ book, observation, provenToMs }: Recording): Span | undefined {
  const beginsMs = observation.fills?.coverage?.fromMs;
  if (beginsMs === undefined) return undefined;
  const known = provenToMs ?? book.sections.get("fills")?.coverage?.toMs ?? knownFromMs(book);
  return beginsMs <= known ? undefined : { fromMs: known, toMs: beginsMs };
}

/** Since when the book has anything that a fill may have changed, ms; infinite where it has nothing. */
function knownFromMs({ orders, accountAnchor, keyAnchors, newFromMs }: Book): number {
  let fromMs = accountAnchor?.asOfMs ?? Number.POSITIVE_INFINITY;
  for (const order of orders.values()) if (isActive(order)) fromMs = Math.min(fromMs, order.knownSinceMs);
  for (const { asOfMs } of keyAnchors.values()) fromMs = Math.min(fromMs, asOfMs);
  for (const ms of newFromMs.values()) fromMs = Math.min(fromMs, ms);
  return fromMs;
}

/** Whoever starts next would take quiet passes for a gap: where fills are told for a time only, they are noted in time. */
function isNoteDue({ book, observation, retentionMs }: Recording): boolean {
  const known = book.sections.get("fills")?.coverage?.toMs;
  const now = observation.fills?.coverage?.toMs;
  if (retentionMs === undefined || known === undefined || now === undefined) return false;
  return now - known >= retentionMs / NOTES_A_RETENTION;
}

function qualityOf(section: {
  readonly quality: SectionDigest["quality"];
  readonly rows: readonly unknown[];
  readonly problem?: string;
}): Omit<SectionDigest, "digest"> {
  const { quality, rows, problem } = section;
  return { quality, rows: rows.length, ...(problem !== undefined && { problem }) };
}
