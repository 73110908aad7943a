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

/** @throws JournalError `journal_newer` for a record of a newer program, `journal_corrupt` for one that is not JSON. */
export function readRecord(stored: StoredRecord): JournalRecord {
  if (stored.v > RECORD_VERSION) {
    throw new JournalError(
      "journal_newer",
      `Record ${stored.seq} of account ${stored.account} has version ${stored.v}; this trueup reads up to ${RECORD_VERSION}. Use the trueup that wrote it, or a newer one; nothing was changed.`,
    );
  }
  try {
    const payload = JSON.parse(stored.payload);
    const { account, seq, tsMs, kind, v, causeId } = stored;
    return { account, seq, tsMs, kind, v, causeId, payload } as JournalRecord;
  } catch (cause) {
    throw new JournalError(
      "journal_corrupt",
      `Record ${stored.seq} of account ${stored.account} (${stored.kind}) is not readable. Run "trueup journal verify"; restore a backup or move the journal away.`,
      { cause },
    );
  }
}
