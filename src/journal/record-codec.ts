// Records to storage and back: the payload as JSON text, checked for a version that this program can read.
import { type JournalRecord, RECORD_VERSION } from "../core/index.ts";
import { hashRecord, type StoredRecord } from "./chain.ts";
import { type Head, JournalError, type StampedDraft } from "./journal.ts";

/** Places drafts behind the head: sequence, chain, text. */
export function placeRecords(account: string, head: Head, entries: readonly StampedDraft[]): StoredRecord[] {
  let { seq, hash: prevHash } = head;
  return entries.map(({ tsMs, draft: { kind, causeId, payload } }) => {
    seq += 1;
    const open = {
      account,
      seq,
      tsMs,
      kind,
      v: RECORD_VERSION,
      causeId,
      payload: JSON.stringify(payload),
      prevHash,
    };
    const record = { ...open, hash: hashRecord(open) };
    prevHash = record.hash;
    return record;
  });
}

/**
 * Records that follow another one, as they are stored. Each is held against its hash, and each hash against the one
 * before: what a start folds is what was written, or it is refused.
 * @param after The record that they follow; its hash is undefined where it is not there.
 * @throws JournalError `journal_newer` for a record of a newer program, `journal_corrupt` for one that is not what, or
 * not where, it was written.
 */
export function readRecords(stored: readonly StoredRecord[], after: AfterRecord): JournalRecord[] {
  let { seq, hash } = after;
  return stored.map((record) => {
    if (record.seq !== seq + 1) {
      throw damaged(record, `does not follow record ${seq}: what was between them is missing`);
    }
    if (record.prevHash !== hash) {
      throw damaged(record, `does not follow from record ${seq}: one of them was moved or replaced`);
    }
    // Of a newer program: what its hash covers, this one does not know.
    if (record.v <= RECORD_VERSION && hashRecord(record) !== record.hash) {
      throw damaged(record, "is not what was written");
    }
    ({ seq, hash } = record);
    return readRecord(record);
  });
}

export interface AfterRecord {
  readonly seq: number;
  readonly hash: string | undefined;
}

function readRecord(stored: StoredRecord): JournalRecord {
  if (stored.v > RECORD_VERSION) {
    throw new JournalError(
      "journal_newer",
      `The journal of account ${stored.account}: record ${stored.seq} has version ${stored.v}; this trueup reads up to ${RECORD_VERSION}. Use the trueup that wrote it, or a newer one; nothing was changed.`,
    );
  }
  try {
    const payload = JSON.parse(stored.payload);
    const { account, seq, tsMs, kind, v, causeId } = stored;
    return { account, seq, tsMs, kind, v, causeId, payload } as JournalRecord;
  } catch (cause) {
    throw damaged(stored, "is not readable", cause);
  }
}

function damaged({ seq, account, kind }: StoredRecord, found: string, cause?: unknown): JournalError {
  return new JournalError(
    "journal_corrupt",
    `The journal of account ${account}: record ${seq} (${kind}) ${found}. "trueup journal verify" names every record that is not what was written; restore a backup, or move the journal away to start a new one.`,
    { cause },
  );
}
