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
 * Records that follow `afterSeq`, as they are stored. The whole chain is walked by `verify` alone; what costs nothing is
 * looked at in every read: that none is missing and each names the one before it.
 * @throws JournalError `journal_newer` for a record of a newer program, `journal_corrupt` for one that is not where it
 * was written, or is not JSON.
 */
export function readRecords(stored: readonly StoredRecord[], afterSeq: number): JournalRecord[] {
  return stored.map((record, index) => {
    const before = stored[index - 1];
    if (record.seq !== afterSeq + index + 1) {
      throw damaged(record, `does not follow record ${afterSeq + index}: what was between them is missing`);
    }
    if (before && record.prevHash !== before.hash) {
      throw damaged(record, `does not follow from record ${before.seq}: one of them was moved or replaced`);
    }
    return readRecord(record);
  });
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
