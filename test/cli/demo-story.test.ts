// Every scenario of the demo in virtual time: the real daemon, journal, passes and mirrors, a clock that stands still
// until nothing moves any more. Many seeds, and each must add up and find what it caused, no more and no less.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openPlay, type Play } from "../../src/cli/demo/play.ts";
import type { Scenario } from "../../src/cli/demo/scenario.ts";
import { SCENARIOS } from "../../src/cli/demo/scenarios/index.ts";
import type { Tally } from "../../src/cli/demo/tally.ts";
import { tallyLines } from "../../src/cli/demo/tally-text.ts";
import type { AccountAt } from "../../src/config/index.ts";
import { openMirror } from "../../src/daemon/open-mirror.ts";
import type { Parts } from "../../src/daemon/parts.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { realFiles } from "../../src/runtime/real.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import { newPaperState, PaperAccount, PaperVenue } from "../../src/venues/paper/index.ts";

const START_MS = Date.UTC(2026, 0, 5, 15, 0, 0);
/** Each seed is a story of half a minute of virtual time. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 11, 4_294_967_295];
const STEP_MS = 20;

function virtualParts(runtime: VirtualRuntime): Parts {
  return {
    version: "0.0.0",
    runtime,
    files: realFiles,
    openJournal: async () => new MemoryJournal(),
    openVenue: async (config) => {
      const { currency, cash, fee_ratio: feeRatio } = config as AccountAt<"paper">;
      const account: PaperAccount = new PaperAccount({
        state: newPaperState("paper-test", currency, cash),
        feeRatio,
        nowMs: runtime.clock.nowMs,
        onEvent: (event) => venue.publish(event),
      });
      const venue = new PaperVenue(account);
      return venue;
    },
    openMirror: async (config, folder, named) => openMirror(config, folder, runtime.clock, named),
    openLog: async () => SILENT,
    alertChannels: async () => [],
    api: () => import("../../src/api/index.ts"),
    sim: () => import("../../src/sim/index.ts"),
  };
}

interface Told {
  readonly tally: Tally;
  readonly lines: readonly string[];
  readonly unforeseen: readonly string[];
}

async function tellStory(scenario: Scenario, seed: number, speed = 1): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), "trueup-demo-"));
  const runtime = new VirtualRuntime(START_MS);
  const lines: string[] = [];
  const teller = {
    line: ({ text }: { readonly text: string }) => lines.push(text),
    waiting: () => undefined,
  };
  const io = { stdout: () => undefined, stderr: () => undefined, env: {}, cwd: folder, isTty: false };
  let play: Play | undefined;
  let told: Tally | Error | undefined;
  const ending = (async () => {
    play = await openPlay({ parts: virtualParts(runtime), io, scenario, seed, speed, teller });
    return play.tell();
  })().then(
    (tally) => {
      told = tally;
    },
    (error: Error) => {
      told = error;
    },
  );
  const settle = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    await play?.theatre.host.session()?.whenIdle();
  };
  while (told === undefined) await runtime.advance(STEP_MS, settle);
  await ending;
  await play?.close();
  rmSync(folder, { recursive: true, force: true });
  if (told instanceof Error) throw told;
  const unforeseen = play?.stage.unforeseen.map(({ kind, of, id }) => `${kind} in ${of} ${id}`) ?? [];
  return { tally: told, lines, unforeseen };
}

const withoutIds = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/dis_[0-9a-f]+/g, "dis_").replace(/-[0-9a-f]{24}/g, "-"));

for (const scenario of SCENARIOS) {
  test(`the demo's scenario ${scenario.name} adds up for every seed, and finds what it caused and no more`, async () => {
    for (const seed of SEEDS) {
      const { tally, lines, unforeseen } = await tellStory(scenario, seed);
      const shown = `seed ${seed}\n${[...lines, ...tallyLines(tally).map(({ text }) => text)].join("\n")}`;
      assert.ok(tally.isOk, shown);
      assert.deepEqual(unforeseen, [], shown);
      assert.ok(tally.discrepancies.text.includes("+ 0 open"), shown);
    }
  });
}

test("the same seed tells the same story, at another speed too, and another seed another one", async () => {
  const [story] = SCENARIOS;
  const [once, again, faster, other] = [
    await tellStory(story, 3),
    await tellStory(story, 3),
    await tellStory(story, 3, 8),
    await tellStory(story, 4),
  ];
  assert.deepEqual(withoutIds(again.lines), withoutIds(once.lines));
  assert.deepEqual(withoutIds(faster.lines), withoutIds(once.lines));
  assert.notDeepEqual(withoutIds(other.lines), withoutIds(once.lines));
});

test("a story that overlooks something says so, and does not add up", async () => {
  const [story] = SCENARIOS;
  const blind: Scenario = {
    ...story,
    play: async (stage) => {
      stage.act("Nothing", "nothing happens");
      await stage.settle({ kind: "phantom_position", of: "momo", names: ["TSLA"] });
    },
  };
  const { tally } = await tellStory(blind, 1);
  assert.equal(tally.isOk, false);
  assert.deepEqual(tally.problems, ["phantom_position TSLA in momo was not found and settled"]);
});
