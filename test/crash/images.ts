// A journal's file as a power cut leaves it: its main file and its log, copied and laid down again somewhere else. The
// third file, which the processes share, is memory and never outlives a cut.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Image {
  readonly main: Buffer;
  readonly wal: Buffer;
}

const NOTHING = Buffer.alloc(0);
/** A folder in memory, where there is one: what is only looked at needs no disk. */
const MEMORY = "/dev/shm";

/** A folder of its own for the files of one suite; `close` removes it. */
export class Bench {
  readonly folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "trueup-crash-"));
  private count = 0;

  newFile(): string {
    this.count += 1;
    return join(this.folder, `journal-${this.count}.db`);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function takeImage(file: string): Image {
  const wal = `${file}-wal`;
  return { main: readFileSync(file), wal: existsSync(wal) ? readFileSync(wal) : NOTHING };
}

/** Lays an image down under that name, in place of whatever is there. */
export function layImage(file: string, { main, wal }: Image): void {
  rmSync(`${file}-shm`, { force: true });
  writeFileSync(file, main);
  if (wal.length > 0) writeFileSync(`${file}-wal`, wal);
  else rmSync(`${file}-wal`, { force: true });
}
