// The ledger of a spot account: what its lists told so far, and up to when each of them is proven. A list that fails is read
// from where it was whole, whatever the fills are asked from; so a refusal or a slow minute loses no entry.
import type { HistorySection, LedgerRow } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { unavailable } from "../venue.ts";
import { partialIf } from "../wire/sections.ts";
import type { HeldAs } from "./parse-wallet.ts";
import { readWallet, WALLET_LISTS, type WalletAsk, type WalletList, type WalletRead } from "./wallet.ts";

/** How late a row may turn up in a list that is sorted by its own time; chosen. In ms. */
const LATE_MS = 600_000;

interface Known {
  /** From when, and up to when the list was read whole. Venue time. */
  readonly fromMs: number;
  readonly provenMs: number;
  readonly entries: readonly LedgerRow[];
  readonly readAtMs: number;
}

export class WalletLedger {
  private readonly clock: Clock;
  private readonly heldAs: HeldAs;
  private readonly known = new Map<WalletList, Known>();
  /** Nothing older is told: it is in what was held at first. */
  private floorMs = Number.POSITIVE_INFINITY;
  private isMoved = false;

  constructor(clock: Clock, heldAs: HeldAs) {
    this.clock = clock;
    this.heldAs = heldAs;
  }

  /** Something moved: every list is asked for at the next read. */
  noteMove(): void {
    this.isMoved = true;
  }

  async read(ask: WalletAsk, fromMs: number, toMs: number): Promise<HistorySection<LedgerRow>> {
    this.floorMs = Math.min(this.floorMs, fromMs);
    const isMoved = this.isMoved;
    this.isMoved = false;
    const reads = await Promise.all(
      WALLET_LISTS.map((list) => this.readOne(ask, list, { fromMs, toMs, isMoved })),
    );
    const problems = [...new Set(reads.flatMap((one) => one.problems))];
    if (reads.every(({ provenMs }) => provenMs === undefined)) return unavailable(problems[0] ?? "nothing");
    const entries = new Map<string, LedgerRow>();
    for (const entry of reads.flatMap((one) => one.entries)) {
      if (entry.timestamp >= this.floorMs) entries.set(entry.id, entry);
    }
    const rows = [...entries.values()].sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
    const provenMs = Math.min(...reads.map((one) => one.provenMs ?? Number.NEGATIVE_INFINITY));
    const sinceMs = Math.max(fromMs, ...reads.map((one) => one.sinceMs));
    const section = partialIf(rows, problems);
    return provenMs < sinceMs ? section : { ...section, coverage: { fromMs: sinceMs, toMs: provenMs } };
  }

  private async readOne(
    ask: WalletAsk,
    list: WalletList,
    { fromMs, toMs, isMoved }: { readonly fromMs: number; readonly toMs: number; readonly isMoved: boolean },
  ): Promise<WalletRead & { readonly sinceMs: number }> {
    const sinceMs = Math.max(fromMs, toMs - (list.keptMs ?? Number.POSITIVE_INFINITY));
    const known = this.known.get(list);
    const isRested = known === undefined || this.clock.monotonicMs() - known.readAtMs >= list.restMs;
    if (known !== undefined && !isRested && !isMoved && known.fromMs <= sinceMs) {
      return { entries: known.entries, provenMs: known.provenMs, problems: [], sinceMs };
    }
    const joinMs =
      known === undefined || known.fromMs > sinceMs ? sinceMs : Math.min(sinceMs, known.provenMs);
    const startMs = Math.max(
      0,
      toMs - (list.keptMs ?? Number.POSITIVE_INFINITY),
      joinMs - Math.max(list.againMs, LATE_MS),
    );
    const read = await readWallet(ask, list, { fromMs: startMs, toMs, heldAs: this.heldAs });
    const provenMs =
      read.provenMs !== undefined && read.provenMs >= joinMs
        ? read.provenMs
        : known !== undefined && known.fromMs <= sinceMs
          ? known.provenMs
          : undefined;
    if (read.provenMs !== undefined && read.provenMs >= joinMs) {
      this.known.set(list, {
        fromMs: Math.min(sinceMs, known?.fromMs ?? sinceMs),
        provenMs: read.provenMs,
        entries: read.entries,
        readAtMs: this.clock.monotonicMs(),
      });
    }
    return { entries: read.entries, provenMs, problems: read.problems, sinceMs };
  }
}
