// The hash chain: each record's hash covers its own fields and the hash before it, so that a record cannot be
// altered, left out or moved without every later hash saying so.
import { createHash } from "node:crypto";
import { type ChainProblem, GENESIS_HASH, type Head } from "./journal.ts";

/** A record as it is stored: its payload as text, exactly as it was hashed. */
export interface StoredRecord {
  readonly account: string;
  readonly seq: number;
  readonly tsMs: number;
  readonly kind: string;
  readonly v: number;
  readonly causeId: string;
  readonly payload: string;
  readonly prevHash: string;
  readonly hash: string;
}

export function hashRecord(record: Omit<StoredRecord, "hash">): string {
  const { account, seq, tsMs, kind, v, causeId, payload, prevHash } = record;
  const head = JSON.stringify([prevHash, account, seq, tsMs, kind, v, causeId]);
  return createHash("sha256").update(head).update("\n").update(payload).digest("hex");
}

/** SHA-256 of a text, 64 hex digits: the core's `digestHex`, many times as fast, for the rows of a large read. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** How many problems one verification lists; the first is the one that matters. */
const PROBLEMS_MAX = 100;

/** Walks records in the order of their sequence numbers. */
export class ChainWalk {
  readonly problems: ChainProblem[] = [];
  private readonly account: string;
  private last: Head = { seq: 0, hash: GENESIS_HASH };
  private count = 0;

  constructor(account: string) {
    this.account = account;
  }

  get records(): number {
    return this.count;
  }

  get head(): Head {
    return this.last;
  }

  next(record: StoredRecord): void {
    this.count += 1;
    if (record.seq !== this.last.seq + 1) {
      const gap = record.seq - this.last.seq - 1;
      const which =
        gap === 1 ? `record ${record.seq - 1} is` : `records ${this.last.seq + 1} to ${record.seq - 1} are`;
      this.report(this.last.seq + 1, "missing", `${which} missing`);
    } else if (record.prevHash !== this.last.hash) {
      this.report(
        record.seq,
        "reordered",
        `record ${record.seq} does not follow record ${record.seq - 1}: it was moved here, or the one before it was replaced`,
      );
    }
    if (hashRecord(record) !== record.hash) {
      this.report(record.seq, "altered", `record ${record.seq} (${record.kind}) is not what was written`);
    } else if (!isJson(record.payload)) {
      this.report(
        record.seq,
        "unreadable",
        `record ${record.seq} (${record.kind}) has a payload that is not JSON`,
      );
    }
    this.last = { seq: record.seq, hash: record.hash };
  }

  /** The journal's own note of where the chain ends must be there, and agree with its last record. */
  end(noted: Head | undefined): void {
    if (!noted) {
      if (this.count === 0) return;
      const detail = `the journal's note of where the chain ends is gone; the chain ends at record ${this.last.seq}`;
      this.report(this.last.seq, "head", detail);
      return;
    }
    if (noted.seq === this.last.seq && noted.hash === this.last.hash) return;
    if (noted.seq > this.last.seq) {
      this.report(
        this.last.seq + 1,
        "missing",
        `the chain ends at record ${this.last.seq}, but ${noted.seq} were written`,
      );
    } else {
      this.report(
        this.last.seq,
        "head",
        `the chain ends at record ${this.last.seq}, but the journal notes record ${noted.seq} as the last`,
      );
    }
  }

  /** What was written together with a record, and names it, is still there: so must the record be. */
  named(seq: number, where: string): void {
    if (seq <= this.last.seq) return;
    this.report(
      this.last.seq + 1,
      "missing",
      `the chain ends at record ${this.last.seq}, but ${where} names record ${seq}`,
    );
  }

  /** @param found The hash of the chain's record at the checkpoint's place; undefined where there is none. */
  checkpoint({ seq, hash }: Head, found: string | undefined): void {
    this.named(seq, "a checkpoint");
    if (found === undefined || found === hash) return;
    this.report(
      seq,
      "checkpoint",
      `the checkpoint of record ${seq} belongs to another record; it is not used`,
    );
  }

  /** What is wrong with the file, in no record of its own. */
  file(found: string): void {
    this.report(0, "file", found);
  }

  private report(seq: number, kind: ChainProblem["kind"], detail: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ account: this.account, seq, kind, detail });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
