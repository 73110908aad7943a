// `trueup demo`: the daemon on a paper account, bots whose files drift away from it, and everything that goes wrong.
// Everything is real but the money: the journal, the passes, the files that are repaired; `trueup status` talks to
// this daemon.
import { EXIT, type ExitCode } from "../../daemon/exit.ts";
import type { Command } from "../context.ts";
import { ended } from "../ended.ts";
import type { Output } from "../output.ts";
import { type DemoOptions, scenarioOf, seedOf, speedOf } from "./options.ts";
import { openPlay, type Play } from "./play.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { Show } from "./show.ts";
import type { Tally } from "./tally.ts";
import { tallyLines } from "./tally-text.ts";

export const demo: Command<DemoOptions> = async ({ io, out, parts }, options) => {
  const seed = seedOf(options.seed);
  const speed = speedOf(options.speed);
  const scenario = scenarioOf(options.scenario, SCENARIOS);
  if (options.list) return list(out);
  // Before anything is opened: whoever ends it during the first pass wants a clean end too.
  const stop = ended().then(() => "stopped" as const);
  const show = new Show({ io, out, scenario, seed, speed, runtime: parts.runtime });
  out.note(`scenario ${scenario.name}, seed ${seed}, speed ${speed}; paper money only`);
  const play = await openPlay({ parts, io, scenario, seed, speed, teller: show });
  try {
    for (const text of scenario.about) show.line({ text });
    const storyFile = show.raise(play);
    const told = await Promise.race([stop, play.tell()]);
    show.lower();
    if (told === "stopped") return interrupted(out);
    tellEnd(show, told, storyFile);
    if (!options.once) {
      tellHints(out, play);
      await stop;
    }
    return told.isOk ? EXIT.done : EXIT.discrepancy;
  } finally {
    show.lower();
    await play.close();
    out.line("ended cleanly");
  }
};

function interrupted(out: Output): ExitCode {
  out.line("interrupted before the story was told");
  return EXIT.interrupted;
}

function tellEnd(show: Show, tally: Tally, storyFile: string | undefined): void {
  show.line({ text: "" });
  for (const line of tallyLines(tally)) show.line(line);
  if (storyFile !== undefined) show.line({ text: `The whole story, line by line: ${storyFile}` });
}

function tellHints(out: Output, { theatre: { daemon, folder, scenario } }: Play): void {
  out.line();
  out.line(`The daemon stays up (pid ${daemon.facts.pid}). In another terminal, in this folder:`);
  for (const command of [
    "status",
    "exits",
    "history",
    "discrepancies --all",
    "kill --drill",
    "journal verify",
  ]) {
    out.line(`  npx trueup ${command}`);
  }
  const files = scenario.copies.map(({ file }) => file).join(", ");
  out.line(`Change a file in ${folder} (${files}) and watch. Ctrl-C ends.`);
}

function list(out: Output): ExitCode {
  out.line("The default:");
  for (const { name, title } of SCENARIOS.filter(({ isIncident }) => !isIncident))
    out.line(`  ${name.padEnd(18)} ${title}`);
  out.line("Five incidents that happened, each told on the paper venue:");
  for (const { name, title } of SCENARIOS.filter(({ isIncident }) => isIncident))
    out.line(`  ${name.padEnd(18)} ${title}`);
  out.line("npm start -- --scenario NAME, or npx trueup demo --scenario NAME, plays one.");
  return EXIT.done;
}
