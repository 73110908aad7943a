// Whole passes, as the daemon makes them: many of a small account under virtual time, and one of an account with
// very many positions and a mirror that holds as many rows.
import { type Decimal, decimal, type MirrorRow, type PositionRow } from "../../src/core/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import { journalIn, openAccount } from "../account.ts";
import type { Findings } from "../comparison.ts";
import { positionRowOf, STARTED_MS, type VenueRow, venueJson } from "../holdings.ts";
import { type Rounds, sideBySide } from "../measure.ts";
import { withFolder } from "../place.ts";

const SMALL = 20;

/** Passes of an account of twenty positions with a mirror; nothing has changed, as is nearly always so. */
export function measurePasses(passes: number, rounds: Rounds): Promise<Findings> {
  return withFolder(async (folder) => {
    const world = await openWorld(folder, SMALL);
    const { pass } = await sideBySide(
      {
        pass: {
          run: async () => {
            for (let count = 0; count < passes; count += 1) {
              world.report();
              await world.pass();
            }
          },
        },
      },
      rounds,
    );
    await world.close();
    const each = pass.median / passes;
    return {
      comparisons: [],
      facts: [
        {
          what: `passes a second on one core, ${SMALL} positions, one mirror, SQLite journal`,
          value: `${Math.round(1_000 / each).toLocaleString("en")} (${each.toFixed(2)} ms each)`,
        },
      ],
    };
  });
}

/** One pass of an account with very many positions, without a mirror and with one of as many rows. */
export async function measureLargePass(count: number, rounds: Rounds): Promise<Findings> {
  const json = venueJson(count);
  const bare = await withFolder(async (folder) => {
    const world = await openWorld(folder, count, false);
    return largePass(world, json, rounds);
  });
  const mirrored = await withFolder(async (folder) => {
    const world = await openWorld(folder, count, true);
    return largePass(world, json, rounds);
  });
  const rows = count.toLocaleString("en");
  const reference = "JSON.parse of the venue's answer";
  return {
    comparisons: [
      { work: `a whole pass, ${rows} positions`, ours: bare.pass, reference, theirs: bare.parse, goal: null },
      {
        work: `a whole pass, ${rows} positions and a mirror of as many rows, 1 % wrong`,
        ours: mirrored.pass,
        reference,
        theirs: mirrored.parse,
        goal: null,
      },
    ],
    facts: [],
  };
}

async function largePass(world: World, json: string, rounds: Rounds) {
  const figures = await sideBySide(
    {
      pass: { prepare: async () => world.report(), run: () => world.pass() },
      parse: { run: () => JSON.parse(json) },
    },
    rounds,
  );
  await world.close();
  return figures;
}

interface World {
  /** The venue and the bot's store answer anew: the same, but that some of the mirror's rows are wrong again. */
  report(): void;
  pass(): Promise<unknown>;
  close(): Promise<void>;
}

async function openWorld(folder: string, count: number, hasMirror = true): Promise<World> {
  const json = venueJson(count);
  const read = () => (JSON.parse(json) as VenueRow[]).map(positionRowOf);
  const mirror = new MemoryMirror({ name: "bot", rows: mirrorRows(read(), false) });
  const runtime = new VirtualRuntime(STARTED_MS);
  const script = {
    positions: { quality: "complete" as const, rows: read() },
    fills: { quality: "complete" as const, rows: [] },
  };
  const journal = journalIn(folder);
  const { session, venue } = await openAccount(journal, script, hasMirror ? [mirror] : [], runtime);
  let round = 0;
  return {
    report() {
      round += 1;
      venue.report({ positions: { quality: "complete", rows: read() } });
      mirror.set(mirrorRows(read(), count > SMALL && round % 2 === 0));
    },
    pass: () => runtime.advance(15_000, async () => undefined).then(() => session.pass("interval", false)),
    async close() {
      await session.stop();
      await journal.close();
    },
  };
}

const WRONG: Decimal = decimal("7777");

function mirrorRows(rows: readonly PositionRow[], isWrong: boolean): MirrorRow[] {
  return rows.map(({ instrument, leg, qty }, index) => ({
    rowId: instrument,
    instrument,
    leg,
    qty: isWrong && index % 100 === 3 ? WRONG : qty,
    metadata: { note: `n${index}`, score: index },
  }));
}
