// The bot's own store in a simulated run: a mirror in memory whose bot may write its old rows back, and which may not be
// read, or not be written, for a moment.
import { type Decimal, type Leg, type MirrorChange, type MirrorRow, ZERO } from "../../core/index.ts";
import type { MirrorRead, MirrorWrite } from "../../mirrors/index.ts";
import { MemoryMirror } from "../../mirrors/memory/index.ts";
import type { VirtualRuntime } from "../virtual-runtime.ts";
import type { FaultPlan } from "./faults.ts";
import type { SeededRandom } from "./random.ts";

export class BotStore extends MemoryMirror {
  private readonly faults: FaultPlan;
  private readonly runtime: VirtualRuntime;
  private readonly random: SeededRandom;
  /** The rows as they were a while ago. */
  private older: readonly MirrorRow[] = [];

  constructor(faults: FaultPlan, runtime: VirtualRuntime, random: SeededRandom, strategy?: string) {
    const scope =
      strategy === undefined ? ({ type: "account" } as const) : ({ type: "strategy", strategy } as const);
    super({ name: strategy ?? "bot", rows: [], mayAdd: true, scope });
    this.faults = faults;
    this.runtime = runtime;
    this.random = random;
  }

  override async read(): Promise<MirrorRead> {
    await this.takeTime();
    const read = await super.read();
    if (!this.faults.strikes("mirror_unreadable")) return read;
    return { quality: "unavailable", rows: [], version: read.version, problem: "the bot's store is locked" };
  }

  override async write(changes: readonly MirrorChange[], version: string): Promise<MirrorWrite> {
    if (this.faults.strikes("mirror_down")) return { kind: "failed", detail: "the store is read-only" };
    await this.takeTime();
    if (this.faults.strikes("mirror_forgets", null, 0.5)) return { kind: "written", backup: null };
    const { rows } = await super.read();
    const written = await super.write(changes, version);
    if (written.kind === "written") this.older = rows;
    // It is written, and whoever wrote it may die before it knows.
    await this.takeTime();
    return written;
  }

  private takeTime(): Promise<void> {
    return new Promise((resolve) => {
      this.runtime.timers.after(this.random.int(0, 30), resolve);
    });
  }

  /** The bot books what it traded, as bots do. */
  async book(instrument: string, leg: Leg, qty: Decimal): Promise<void> {
    const { rows } = await super.read();
    const rowId = `${leg}:${instrument}`;
    const known = rows.find((row) => row.rowId === rowId);
    const others = rows.filter((row) => row !== known);
    const own: MirrorRow = { metadata: {}, ...known, rowId, instrument, leg, qty };
    this.set(
      qty === ZERO ? others : known ? rows.map((row) => (row === known ? own : row)) : [...others, own],
    );
  }

  /** The bot writes what it had in its memory. */
  overwrite(): void {
    this.set(this.older);
  }

  /** The bot notes something of its own on a row that it has. */
  async note(instrument: string, value: string): Promise<void> {
    const { rows } = await super.read();
    this.set(
      rows.map((row) =>
        row.instrument === instrument ? { ...row, metadata: { ...row.metadata, thesis: value } } : row,
      ),
    );
  }
}
