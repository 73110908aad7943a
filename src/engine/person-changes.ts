// What a person says of a position: whose a part of it is, and what is to be known of it. Records alone: nothing is asked
// of the venue and nothing is sent, so that it can be said where no session runs, too.
import {
  type AccountPolicy,
  type Book,
  type Draft,
  decideLotMove,
  decideNote,
  type Leg,
  type LotChange,
  type LotMove,
  type LotMoveRefusal,
  type NoteRefusal,
  type NoteRequest,
  type Notes,
  positionKey,
  positionView,
} from "../core/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Clock } from "../runtime/index.ts";
import { restoreBook } from "./boot.ts";
import { AccountWriter } from "./writer.ts";

/** Why what a person asked for was refused. Nothing was changed then. Codes are stable: docs/errors.md. */
export class ChangeError extends Error {
  readonly code: LotMoveRefusal | NoteRefusal;

  constructor(code: ChangeError["code"], message: string) {
    super(message);
    this.name = "ChangeError";
    this.code = code;
  }
}

export interface LotMoved {
  readonly account: string;
  readonly reattributionId: string;
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed. */
  readonly qty: string;
  readonly from: LotChange;
  readonly to: LotChange;
  readonly reason: string;
  readonly by: string;
}

export interface NotesOfPosition {
  readonly account: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly lifeId: string;
  readonly notes: Notes;
}

/** A change as a record, and what is told of it once the book has it. */
export interface PersonChange<T> {
  readonly draft: Draft;
  readonly told: (book: Book) => T;
}

/** @throws ChangeError */
export function lotMove(
  book: Book,
  policy: Pick<AccountPolicy, "strategies">,
  move: LotMove,
): PersonChange<LotMoved> {
  const decision = decideLotMove(move, { book, policy });
  if (decision.kind === "refused") throw new ChangeError(decision.code, decision.text);
  const { draft, from, to } = decision;
  const { reattributionId, instrument, leg, qty, reason, by } = draft.payload;
  const moved = { account: book.account, reattributionId, instrument, leg, qty, from, to, reason, by };
  return { draft, told: () => moved };
}

/** @throws ChangeError */
export function noteChange(book: Book, request: NoteRequest): PersonChange<NotesOfPosition> {
  const decision = decideNote(book, request);
  if (decision.kind === "refused") throw new ChangeError(decision.code, decision.text);
  const { instrument, leg } = request;
  return {
    draft: decision.draft,
    told: (after) => {
      const view = positionView(after, positionKey(instrument, leg));
      return {
        account: after.account,
        instrument,
        leg,
        lifeId: view?.lifeId ?? "",
        notes: view?.notes ?? {},
      };
    },
  };
}

/** What is noted on what is held. */
export function heldNotes(book: Book): NotesOfPosition[] {
  return [...book.ledgers.keys()].sort().flatMap((key): NotesOfPosition[] => {
    const view = positionView(book, key);
    if (!view || Object.keys(view.notes).length === 0) return [];
    const { instrument, leg, lifeId, notes } = view;
    return [{ account: book.account, instrument, leg, lifeId, notes }];
  });
}

/** Writes a change down for an account on which no session runs. @throws ChangeError */
export async function changeOffline<T>(
  { account, journal, clock }: { account: string; journal: Journal; clock: Clock },
  make: (book: Book) => PersonChange<T>,
): Promise<T> {
  const writer = new AccountWriter(await restoreBook(journal, account), journal, clock);
  const { draft, told } = make(writer.book);
  writer.stage([draft]);
  await writer.flush();
  return told(writer.book);
}
