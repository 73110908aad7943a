// Damage in the middle of SQLite's log. SQLite takes a log up to the first page that does not fit its checksum, and
// drops the rest without a word: right for a transaction that was never acknowledged, wrong for those that were. What
// stands behind the first bad page tells which it is. https://www.sqlite.org/fileformat2.html#walformat (read 2026-11-24)
import { existsSync, readFileSync } from "node:fs";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Of the header, what its checksum covers; of a frame's header likewise. */
const HEADER_COVERED = 24;
const FRAME_COVERED = 8;
const MAGIC = 0x377f0682;
/** Where the main file says how large its pages are; 1 stands for 65,536. */
const PAGE_SIZE_AT = 16;
const PAGE_SIZE_MAX = 65_536;

interface Log {
  readonly bytes: DataView;
  readonly pageBytes: number;
  readonly frames: number;
  /** Where the checksum of the first frame goes on from; undefined when the header does not fit its own. */
  readonly sum: Sum | undefined;
  readonly isLittleEndian: boolean;
}

type Sum = readonly [number, number];

/** What is wrong; undefined when the log is as a cut of power may leave it, or there is none. */
export function logDamage(file: string): string | undefined {
  const path = `${file}-wal`;
  for (;;) {
    const log = existsSync(path) ? readLog(file, path) : undefined;
    if (!log) return undefined;
    const found = damageIn(log, file);
    // Another process may have begun the log anew while it was read: then its header is another one.
    if (found === undefined || isUnchanged(log, path)) return found;
  }
}

function readLog(file: string, path: string): Log | undefined {
  const content = readFileSync(path);
  const bytes = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < HEADER_BYTES) return undefined;
  const isLittleEndian = (bytes.getUint32(0) & 1) === 0;
  const sum = headerSum(bytes, isLittleEndian);
  const pageBytes = sum ? bytes.getUint32(8) : pageBytesOf(file);
  if (pageBytes === 0) return undefined;
  const frames = Math.floor((content.length - HEADER_BYTES) / (FRAME_HEADER_BYTES + pageBytes));
  return { bytes, pageBytes, frames, sum, isLittleEndian };
}

function headerSum(bytes: DataView, isLittleEndian: boolean): Sum | undefined {
  if (bytes.getUint32(0) >>> 1 !== MAGIC >>> 1) return undefined;
  const sum = summed(bytes, 0, HEADER_COVERED, [0, 0], isLittleEndian);
  return isNoted(bytes, HEADER_COVERED, sum) ? sum : undefined;
}

function damageIn(log: Log, file: string): string | undefined {
  const { bytes, frames, sum } = log;
  const bad = sum ? firstBad(log, sum) : 0;
  if (bad >= frames) return undefined;
  // Frames of an earlier round of the log have other salts. A header that is damaged has none to compare with.
  const salts = sum ? 16 : frameAt(log, 0) + 8;
  const standing = Array.from({ length: frames - bad }, (_, index) => bad + index).filter((index) => {
    const at = frameAt(log, index) + 8;
    return (
      bytes.getUint32(at) === bytes.getUint32(salts) && bytes.getUint32(at + 4) === bytes.getUint32(salts + 4)
    );
  });
  if (!sum) {
    // A crash while the log is begun anew tears its header: then all of it is in the main file already.
    return isInMain(log, standing, file)
      ? undefined
      : `its header is damaged, and ${standing.length} pages stand behind it`;
  }
  // Only the last transaction can be on its way: before it writes anything the one before it is synced. So where two
  // have their ends behind the bad page, one of them was acknowledged. Pages without an end may be of one rolled back.
  const ends = standing.filter((index) => bytes.getUint32(frameAt(log, index) + 4) !== 0);
  if (ends.length < 2) return undefined;
  return `it is damaged at byte ${frameAt(log, bad)}, and ${ends.length} transactions end behind that`;
}

/** The first frame that does not fit the checksum; the number of frames when all do. */
function firstBad(log: Log, from: Sum): number {
  const { bytes, pageBytes, frames, isLittleEndian } = log;
  let sum = from;
  for (let index = 0; index < frames; index += 1) {
    const at = frameAt(log, index);
    const isOfThisRound =
      bytes.getUint32(at + 8) === bytes.getUint32(16) && bytes.getUint32(at + 12) === bytes.getUint32(20);
    sum = summed(bytes, at, at + FRAME_COVERED, sum, isLittleEndian);
    sum = summed(bytes, at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + pageBytes, sum, isLittleEndian);
    if (!isOfThisRound || !isNoted(bytes, at + 16, sum)) return index;
  }
  return frames;
}

/** Whether the last version of each page, up to the last complete transaction, is in the main file. */
function isInMain(log: Log, standing: readonly number[], file: string): boolean {
  const { bytes, pageBytes } = log;
  const end = standing.findLastIndex((index) => bytes.getUint32(frameAt(log, index) + 4) !== 0);
  const last = new Map<number, number>();
  for (const index of standing.slice(0, end + 1)) last.set(bytes.getUint32(frameAt(log, index)), index);
  const main = readFileSync(file);
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [...last].every(([page, index]) => {
    const at = frameAt(log, index) + FRAME_HEADER_BYTES;
    const there = main.subarray((page - 1) * pageBytes, page * pageBytes);
    return there.equals(whole.subarray(at, at + pageBytes));
  });
}

function frameAt({ pageBytes }: Log, index: number): number {
  return HEADER_BYTES + index * (FRAME_HEADER_BYTES + pageBytes);
}

function summed(bytes: DataView, from: number, end: number, [one, two]: Sum, isLittleEndian: boolean): Sum {
  let a = one;
  let b = two;
  for (let at = from; at < end; at += 8) {
    a = (a + bytes.getUint32(at, isLittleEndian) + b) >>> 0;
    b = (b + bytes.getUint32(at + 4, isLittleEndian) + a) >>> 0;
  }
  return [a, b];
}

function isNoted(bytes: DataView, at: number, [one, two]: Sum): boolean {
  return bytes.getUint32(at) === one && bytes.getUint32(at + 4) === two;
}

function pageBytesOf(file: string): number {
  const main = readFileSync(file);
  if (main.length < PAGE_SIZE_AT + 2) return 0;
  const noted = main.readUInt16BE(PAGE_SIZE_AT);
  return noted === 1 ? PAGE_SIZE_MAX : noted;
}

function isUnchanged({ bytes }: Log, path: string): boolean {
  if (!existsSync(path)) return false;
  const now = readFileSync(path).subarray(0, HEADER_BYTES);
  return now.equals(Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES));
}
