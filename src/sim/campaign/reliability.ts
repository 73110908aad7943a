// docs/RELIABILITY.md as text, from what the last full run wrote into docs/reliability.json. Text only: whoever calls it reads and
// writes the files. Every figure stands with its N, its bound, its seeds, its date and its commit.
import { z } from "zod";
import { INVARIANTS, type InvariantId } from "../swarm/result.ts";
import { failureRateMax, percentText } from "./confidence.ts";
import { fine, grouped, rounded } from "./numbers.ts";
import { FALSE_CLOSINGS_PER_DAY_MAX } from "./verdict.ts";

const count = z.number().int().min(0);

const suiteSchema = z.strictObject({
  suite: z.string(),
  /** How many cases there were, and how many of them ended as none may. */
  n: count,
  failures: count,
  /** What else the suite says; `problems` names what was wrong. */
  detail: z.record(z.string(), z.unknown()),
});

const reliabilitySchema = z.strictObject({
  date: z.iso.date(),
  commit: z.string(),
  machine: z.string(),
  suites: z.array(suiteSchema),
  /** Suites that belong to a full run and were not in this one, and why. */
  absent: z.array(z.strictObject({ suite: z.string(), why: z.string() })),
  /** By name, over all campaigns. */
  faults: z.record(z.string(), z.strictObject({ fired: count, answered: count })),
  invariants: z.record(z.string(), count),
  /** The window of the swarm. */
  seeds: z.strictObject({ from: count, to: count }),
  speed: z.strictObject({ seedsPerMinute: z.number(), simulatedHoursPerSecond: z.number() }),
  /** What is not shown, each in a sentence. */
  limits: z.array(z.string()).min(1),
});
export type Reliability = z.infer<typeof reliabilitySchema>;
export type SuiteOutcome = z.infer<typeof suiteSchema>;

/** @throws ZodError where it is not what a full run writes. */
export function readReliability(text: string): Reliability {
  return reliabilitySchema.parse(JSON.parse(text));
}

/** @throws ZodError where a suite printed something else. */
export function readSuite(text: string): SuiteOutcome {
  return suiteSchema.parse(JSON.parse(text));
}

/** What a suite does, and whether its cases are drawn by chance: only of those a rate can be bounded. */
const SUITES: Readonly<Record<string, { readonly about: string; readonly isDrawn: boolean }>> = {
  swarm: {
    about: "runs in which every fault may strike, in every combination that a seed draws",
    isDrawn: true,
  },
  exits: {
    about:
      "runs in which trueup closes positions by itself: exits kept by it and at the venue, notes, flattening",
    isDrawn: true,
  },
  declared: { about: "the same at venues that are as the adapters declare them", isDrawn: true },
  ambiguity: { about: "runs full of orders whose outcome nobody knows", isDrawn: true },
  absence: { about: "runs full of reads that leave out what is there", isDrawn: true },
  calm: { about: "long runs in which nothing goes wrong but what does every day", isDrawn: true },
  kills: { about: "`kill -9` of a real process on a real SQLite journal", isDrawn: true },
  "sqlite-copies": {
    about: "the journal's files as a power cut leaves them, around each append",
    isDrawn: true,
  },
  "wal-cuts": { about: "the journal's log cut at each byte of a transaction", isDrawn: false },
  unsynced: { about: "power cuts that lose, tear or reorder what was not synced", isDrawn: true },
  damage: { about: "flipped, lost, torn and swapped pages of the journal's files", isDrawn: true },
  "commit-errors": { about: "writes and syncs that fail in the middle of a session", isDrawn: true },
  planted: {
    about: "bugs planted in the engine on purpose, which the simulation has to see",
    isDrawn: false,
  },
};

const HOLDS: Readonly<Record<InvariantId, string>> = {
  I1: "an intent is durable before its order is sent",
  I2: "an intent makes one order at the venue at most",
  I3: "each execution is booked exactly once",
  I4: "the book in memory is what the journal folds to",
  I5: "openings, fills and adjustments add up to the position, exactly",
  I6: "what is filled only grows, and an order that ended stays ended, unless a record says why",
  I7: "while the gate is not open nothing leaves that adds risk",
  I8: "absence never becomes zero, nor any quantity that the venue did not have",
  I9: "healing never trades",
  I10: "no copy differs for long without an open discrepancy and an alert",
  I11: "the chain of records is whole, and each names its cause",
  I12: "no secret is shown anywhere",
  I13: "a balance changes by what records explain, and by nothing else",
  I14: "a kill holds across restarts until a person releases it",
  I15: "no float, exponent, NaN or minus zero is kept",
  I16: "an account has one writer",
  I17: "an exit's order closes its own lot and no more, once, and passes a kill only where it was armed before",
  I18: "an exit acts on what is so: a fresh price beyond its level, or its time",
  I19: "a held position is armed for what is held, or an unprotected position is told",
  I20: "an order that surely reduces is never refused by a gate that lets reducing orders through",
  I21: "a plan to close positions closes what it names and no more, and says flat only of what was flat",
  I22: "an exit that lies at the venue is alone in its place, for no more than is held, opens nothing, and outlives a kill",
  I23: "the venue's dead-man switch takes nothing of trueup's while that is at work, and what it took ends in the book and is told",
  L1: "after faults stop, all copies agree within 2 passes (99 of 100) and 5 at most",
  L2: "an order of unknown outcome is resolved or brought to a person within 30 s, or by the first pass that begins after them",
  L3: "a kill's cancels leave within a second, and are confirmed or told",
  L4: "an alert is there within 5 s, and delivered or kept",
  L5: "nothing is repaired for ever: it is watched instead",
  L6: "an exit that was reached sends its order within a minute, or is told to be held up",
  L7: "after faults stop, each position's exits lie at the venue as its mode says, or it is told why not, and no others do",
};

export function reliabilityPage(of: Reliability): string {
  const { date, commit, machine, seeds, speed } = of;
  return [
    "# Reliability",
    "",
    "Made by `npm run docs:reliability` from `docs/reliability.json`, which `npm run sim:full` writes; do not edit it by hand.",
    "",
    `The last full run: ${date}, commit ${commit}, ${machine}. Swarm: seeds ${grouped(seeds.from)} to ${grouped(seeds.to)}, ` +
      `${grouped(speed.seedsPerMinute)} seeds a minute, ${rounded(speed.simulatedHoursPerSecond)} simulated hours a second.`,
    "",
    "The real engine, unchanged, runs in a simulated world: first everything goes wrong, then all is well and everything must be as the",
    "venue has it. A seed and a commit are a run: `npx trueup simulate --seed 8812 --trace` shows it, record by record, on any machine.",
    "",
    "## What was run",
    "",
    "| suite | what it is | N | failures | at most, with 95 % confidence |",
    "| --- | --- | --- | --- | --- |",
    ...of.suites.map(suiteLine),
    ...of.absent.map(({ suite, why }) => `| ${suite} | ${aboutOf(suite)} | **not run** | – | ${cell(why)} |`),
    "",
    ...of.suites.flatMap(problemLines),
    ...of.suites.flatMap(calmLines),
    ...agreeingLines(of),
    ...unknownLines(of),
    "*At most* is a one-sided bound on how often such a case fails: 3/N where none of N failed (the rule of three), the bound of Clopper",
    "and Pearson where some did. It is about cases drawn as the suite draws them, not about days of trading. Where cases are not drawn by",
    "chance, but are all that there are or a list, no rate follows.",
    "",
    "## Invariants",
    "",
    "Checked all the time of every run. *Put to the test* is how often something could have been wrong; looking where nothing could be does",
    "not count.",
    "",
    "| | what holds | put to the test |",
    "| --- | --- | --- |",
    ...INVARIANTS.map((id) => `| ${id} | ${HOLDS[id]} | ${timesText(of.invariants[id] ?? 0)} |`),
    "",
    "## Faults",
    "",
    ...faultLines(of),
    "",
    "## What this does not show",
    "",
    ...of.limits.map((limit) => `- ${limit}`),
    "",
  ].join("\n");
}

function suiteLine({ suite, n, failures, detail }: SuiteOutcome): string {
  const failed = failures === 0 ? "0" : `**${grouped(failures)}**`;
  const bound = SUITES[suite]?.isDrawn === true && n > 0 ? percentText(failureRateMax(failures, n)) : "–";
  const { from, to } = detail;
  const window = typeof from === "number" && typeof to === "number" ? `, seeds ${from} to ${to}` : "";
  return `| ${suite} | ${aboutOf(suite)}${window} | ${grouped(n)} | ${failed} | ${bound} |`;
}

function problemLines({ suite, detail }: SuiteOutcome): string[] {
  const { problems } = detail;
  if (!Array.isArray(problems) || problems.length === 0) return [];
  return [`${suite} **did not hold**:`, "", ...problems.map((one) => `- ${plain(String(one))}`), ""];
}

const closingsSchema = z.object({ count, days: z.number(), perDay: z.number() });

function calmLines({ detail }: SuiteOutcome): string[] {
  const found = closingsSchema.safeParse(detail.falseClosings);
  if (!found.success) return [];
  const { count: times, days, perDay } = found.data;
  return [
    `On ${rounded(days)} simulated calm days the gate closed falsely ${grouped(times)} times, ${fine(perDay)} a day (fewer than`,
    `${FALSE_CLOSINGS_PER_DAY_MAX} a day are allowed). Each closing counts that no person asked for and no unanswered read explains.`,
    "",
  ];
}

const cyclesSchema = z.object({ p99: count, most: count, neverAgreed: count });

/** What L1 asks of each campaign, as it was measured. */
function agreeingLines({ suites }: Reliability): string[] {
  const lines = suites.flatMap(({ suite, n, detail }) => {
    const found = cyclesSchema.safeParse(detail.cycles);
    if (!found.success) return [];
    const { p99, most, neverAgreed } = found.data;
    return [`| ${suite} | ${grouped(n)} | ${p99} | ${most} | ${grouped(neverAgreed)} |`];
  });
  if (lines.length === 0) return [];
  return [
    "Passes until all copies agreed, once nothing went wrong any more (2 in 99 of 100 seeds and 5 at most are allowed). A pass counts that",
    "began after that, whatever began it, if it leaves a difference for which no rule makes it wait; so does the one that leaves none.",
    "While a difference is being confirmed, an order's outcome is awaited, or what moved is younger than the venue's lag or the grace, the",
    "rules wait, and the passes that only wait do not count.",
    "",
    "| suite | N | 99 of 100 within | at most | never |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
    "",
  ];
}

const unknownSchema = z.object({ inTime: count, later: count });

/** What L2 asks, as it was measured, over all campaigns. */
function unknownLines({ suites }: Reliability): string[] {
  const all = suites.flatMap(({ detail }) => {
    const found = unknownSchema.safeParse(detail.unknown);
    return found.success ? [found.data] : [];
  });
  const inTime = all.reduce((sum, one) => sum + one.inTime, 0);
  const later = all.reduce((sum, one) => sum + one.later, 0);
  if (inTime + later === 0) return [];
  return [
    `Of ${grouped(inTime + later)} orders of unknown outcome ${grouped(inTime)} were resolved or told to a person within 30 s of simulated time, ${grouped(later)} later:`,
    "by the first pass that began after the 30 s, which is what L2 holds. Time counts while a process lives and our clock runs steadily.",
    "",
  ];
}

function aboutOf(suite: string): string {
  return SUITES[suite]?.about ?? "-";
}

function faultLines({ faults }: Reliability): string[] {
  const all = Object.entries(faults);
  const total = (name: "fired" | "answered") => grouped(all.reduce((sum, [, one]) => sum + one[name], 0));
  const never = all.filter(([, { fired }]) => fired === 0).map(([name]) => `\`${name}\``);
  const unanswered = all
    .filter(([, { fired, answered }]) => fired > 0 && answered === 0)
    .map(([name]) => `\`${name}\``);
  return [
    `${all.length - never.length} of the ${all.length} faults that the simulation can make struck, ${total("fired")} times in all; ${total("answered")}`,
    "times what should follow was seen to follow. [faults.md](faults.md) has each of them, and what trueup does about it.",
    ...(never.length === 0 ? [] : ["", `**Never struck**: ${never.join(", ")}.`]),
    ...(unanswered.length === 0 ? [] : ["", `**Never seen to be answered**: ${unanswered.join(", ")}.`]),
  ];
}

function timesText(times: number): string {
  return times === 0 ? "**never**" : grouped(times);
}

/** Instruments of the simulation have names like `<b>`. */
function plain(text: string): string {
  return text.replaceAll("<", "&lt;");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
