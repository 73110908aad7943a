// A folder on the disk that the project lies on: what is made durable is measured there, and not in memory that
// calls itself a disk, as /tmp may be.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const PLACE = join(import.meta.dirname, ".work");

export function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(PLACE, { recursive: true });
  const folder = mkdtempSync(join(PLACE, "run-"));
  return work(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
}
