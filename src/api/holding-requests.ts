// What a person may say of a position: whose a part of it is, and notes. As it comes in, over the API or from the program
// that trueup runs inside; the schemas are the one place that says what each field may be.
import { z } from "zod";
import { LEGS, type LotMove, type NOTE_FIELDS, type NoteRequest } from "../core/index.ts";
import { amount, checked } from "./order-requests.ts";

export const inLotMove = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  leg: z.enum(LEGS).default("net"),
  from: z.string().min(1),
  to: z.string().min(1),
  qty: amount.optional(),
  reason: z.string().min(1),
  /** A person's own name: what is said of a lot rests on nothing else, so nobody is named by default. */
  by: z.string().min(1).max(64),
});

const field = z.string().nullable().optional();
export const inNotes = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  leg: z.enum(LEGS).default("net"),
  fields: z.strictObject({
    thesis: field,
    invalidation: field,
    timeStop: field,
    stop: field,
    target: field,
    text: field,
  } satisfies Record<(typeof NOTE_FIELDS)[number], typeof field>),
  by: z.string().min(1).max(64).default("api"),
});

export function lotMoveOf({ account: _, qty, ...move }: z.output<typeof inLotMove>): LotMove {
  return { ...move, ...(qty !== undefined && { qty }) };
}

export function noteOf({ account: _, fields, ...note }: z.output<typeof inNotes>): NoteRequest {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...note, fields: Object.fromEntries(set) };
}

/** From within the process, by the same rules. @throws RequestError for a field that may not be so. */
export const givenLotMove = (given: object): LotMove => lotMoveOf(checked(inLotMove, given));
export const givenNote = (given: object): NoteRequest => noteOf(checked(inNotes, given));
