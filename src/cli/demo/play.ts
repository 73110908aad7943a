// Plays a scenario: opens the theatre, tells the story to its end, counts everything twice. Who watches and for how
// long is not its matter.

import type { Parts } from "../../daemon/parts.ts";
import type { PassReport } from "../../engine/index.ts";
import type { Io } from "../output.ts";
import { look } from "./look.ts";
import type { Scenario } from "./scenario.ts";
import { Stage, type Teller } from "./stage.ts";
import { stateText } from "./state-text.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { openTheatre, type Theatre } from "./theatre.ts";

/** What a scenario is about is read first; and nothing happens in the moment in which the stream went live. In ms. */
const READ_MS = 1_200;

export interface PlayOptions {
  readonly parts: Parts;
  readonly io: Io;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly speed: number;
  readonly teller: Teller;
}

export interface Play {
  readonly theatre: Theatre;
  readonly stage: Stage;
  /** Tells the story; resolves when it is told. */
  tell(): Promise<Tally>;
  /** Ends cleanly, in the middle of the story too. */
  close(): Promise<void>;
}

/** @throws CliError 75 when a demo runs here already. */
export async function openPlay(options: PlayOptions): Promise<Play> {
  const { parts, io, scenario, seed, speed, teller } = options;
  // The first passes come before there is a stage to take them.
  const early: PassReport[] = [];
  let stage: Stage | undefined;
  const onPass = (report: PassReport) => {
    if (stage) stage.take(report);
    else early.push(report);
  };
  const theatre = await openTheatre({ parts, io, scenario, speed, onPass });
  const { host, venue, folder } = theatre;
  const own = new Stage({
    venue,
    runtime: parts.runtime,
    seed,
    speed,
    prices: scenario.prices,
    folder,
    teller,
    place: (of) => scenario.copies.find(({ name }) => name === of)?.file ?? "trueup's book",
    book: () => host.session()?.book,
    submit: (intent) => host.submit(intent, intent.strategy),
    followed: () => host.session()?.prices.report()?.tracked ?? [],
    stateText: async () => stateText(await look(theatre)),
  });
  stage = own;
  for (const report of early) own.take(report);
  return {
    theatre,
    stage: own,
    tell: async () => {
      await own.pause(READ_MS);
      await scenario.play(own);
      return tallyOf({
        scenario,
        look: await look(theatre),
        discrepancies: own.findings.all(),
        problems: own.problems,
      });
    },
    close: async () => {
      own.end();
      await theatre.close();
    },
  };
}
