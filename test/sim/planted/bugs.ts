// The planted bugs: mistakes that a programmer might make in the real source, each of which the simulation must see. Their
// text is held to the code by planted.test.ts; which seed shows each is in seeds.json. To add one, see CONTRIBUTING.md.

import { BUGS_OF_COMMANDS } from "./bugs-of-commands.ts";
import { BUGS_OF_EXITS } from "./bugs-of-exits.ts";
import { BUGS_OF_FACTS } from "./bugs-of-facts.ts";
import { BUGS_OF_PASSES } from "./bugs-of-passes.ts";
import { BUGS_OF_RECORDS } from "./bugs-of-records.ts";
import type { PlantedBug } from "./planting.ts";

export const BUGS: readonly PlantedBug[] = [
  ...BUGS_OF_FACTS,
  ...BUGS_OF_COMMANDS,
  ...BUGS_OF_PASSES,
  ...BUGS_OF_RECORDS,
  ...BUGS_OF_EXITS,
];

/** What a watch holds and no seed has met yet: and why: each asks for several things at once. */
export const UNSEEN: Readonly<Record<string, string>> = {
  "placed-exit-gives-way-to-nothing":
    "seen by seed 270 before an exit waited for the end of what lies there; none of 980 seeds of the profile exits has shown it since: it asks for a kill with no exits, and within it a trailing stop or a time that is over while the share's stop lies at the venue",
  "minimum-hold-for-stops":
    "a hold of ten minutes, and within it a fresh price beyond the stop for a minute: none of 300 seeds of the profile exits had both; hardly any plan has a hold of over a minute and a stop that is reached",
  "exit-pauses-again":
    "seen by seed 961000210 before prices could be old when they are first told; none of 2,400 seeds has shown it since. A test holds it: an exit whose order was refused sells in the end (test/engine/placed-exits.test.ts)",
};
