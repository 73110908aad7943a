// `trueup demo`: the daemon on a paper account, bots whose files drift away from it, and everything that goes wrong.
// Everything is real but the money: the journal, the passes, the files that are repaired; `trueup status` talks to
// this daemon.
import { ended } from "../commands/run.ts";
import type { Command } from "../context.ts";
import { EXIT } from "../exit.ts";
import type { Output } from "../output.ts";
import { type DemoOptions, scenarioOf, seedOf, speedOf } from "./options.ts";
import { plainTeller } from "./plain.ts";
import { openPlay, type Play } from "./play.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { tallyLines } from "./tally-text.ts";

export const demo: Command<DemoOptions> = async ({ io, out, parts }, options) => {
  const seed = seedOf(options.seed);
  const speed = speedOf(options.speed);
  const scenario = scenarioOf(options.scenario, SCENARIOS);
  const teller = plainTeller(out);
  // Before anything is opened: whoever ends it during the first pass wants a clean end too.
  const stop = ended().then(() => "stopped" as const);
  for (const text of scenario.about) teller.line({ text });
  out.note(`seed ${seed}: the same seed tells the same story`);
  const play = await openPlay({ parts, io, scenario, seed, speed, teller });
  const told = await Promise.race([stop, play.tell()]);
  if (told === "stopped") {
    await play.close();
    out.line("interrupted; ended cleanly");
    return EXIT.interrupted;
  }
  out.line("");
  for (const line of tallyLines(told)) teller.line(line);
  if (!options.once) {
    tellHints(out, play);
    await stop;
  }
  await play.close();
  out.line("ended cleanly");
  return told.isOk ? EXIT.done : EXIT.discrepancy;
};

function tellHints(out: Output, { theatre: { daemon, folder, scenario } }: Play): void {
  out.line("");
  out.line(`The daemon stays up (pid ${daemon.facts.pid}). In another terminal, in this folder:`);
  for (const command of ["status", "history", "discrepancies --all", "passes", "journal verify"]) {
    out.line(`  npx trueup ${command}`);
  }
  const files = scenario.copies.map(({ file }) => file).join(", ");
  out.line(`Change one of the files in ${folder} (${files}) and watch. Ctrl-C ends.`);
}
