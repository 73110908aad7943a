// The record of an observation (R15): each section's quality and digest, and its full rows once under the digest.
// A section that is as it was last recorded is not recorded again.
import {
  type Book,
  type Draft,
  deriveId,
  draft,
  type Observation,
  type SectionDigest,
} from "../core/index.ts";
import { type Attachment, digestOf } from "../journal/index.ts";

const STATE_SECTIONS = ["positions", "orders", "balances"] as const;
const HISTORY_SECTIONS = ["fills", "ledger"] as const;

type Digests = Partial<Record<string, SectionDigest>>;

export interface RecordedObservation {
  readonly drafts: readonly Draft[];
  readonly attachments: readonly Attachment[];
}

export function recordObservation(
  book: Book,
  observation: Observation,
  trigger: string,
  passId: string,
): RecordedObservation {
  const sections: Digests = {};
  const attachments: Attachment[] = [];
  for (const name of STATE_SECTIONS) digestState(book, name, observation, sections, attachments);
  for (const name of HISTORY_SECTIONS) digestHistory(book, name, observation, sections);
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

/** Rows of a history are records of their own; what is noted is how far it is proven. */
function digestHistory(
  book: Book,
  name: (typeof HISTORY_SECTIONS)[number],
  observation: Observation,
  sections: Digests,
): void {
  const section = observation[name];
  if (!section) return;
  const known = book.sections.get(name);
  const isSame = known?.quality === section.quality && known.problem === section.problem;
  if (isSame && Object.keys(sections).length === 0) return;
  const { coverage } = section;
  sections[name] = { ...qualityOf(section), digest: section.quality, ...(coverage && { coverage }) };
}

function qualityOf(section: {
  readonly quality: SectionDigest["quality"];
  readonly rows: readonly unknown[];
  readonly problem?: string;
}): Omit<SectionDigest, "digest"> {
  const { quality, rows, problem } = section;
  return { quality, rows: rows.length, ...(problem !== undefined && { problem }) };
}
