// docs/faults.md as text, from the table and from what the last full simulation counted. Text only: whoever calls it
// reads and writes the files.
import { ANSWERS } from "./answers.ts";
import { INJECTORS, type InjectorName } from "./injectors.ts";
import { type FaultRow, injectorsOf } from "./row.ts";
import { FAULT_FAMILIES, FAULT_TABLE, type FaultFamily } from "./table.ts";

/** What a run counted of one injector. */
export interface Fired {
  /** How often it struck. */
  readonly fired: number;
  /** How often the answer was seen then. */
  readonly answered: number;
}

/** By injector; null where no full run has been made. */
export type FiredFaults = Readonly<Record<string, Fired>>;

/** The `faults` of docs/reliability.json. @throws Error where it has none. */
export function firedOf(reliability: string): FiredFaults {
  const { faults } = JSON.parse(reliability) as { readonly faults?: FiredFaults };
  if (!faults)
    throw new Error('docs/reliability.json has no "faults"; let the full simulation write it again');
  return faults;
}

export function faultPage(fired: FiredFaults | null): string {
  const count = (status: FaultRow["status"]) => FAULT_TABLE.filter((row) => row.status === status).length;
  return [
    "# Faults: what breaks trading state, and what trueup does",
    "",
    "Made by `npm run docs:faults` from `src/sim/faults/`; do not edit it by hand.",
    "",
    `${FAULT_TABLE.length} faults: ${count("simulated")} simulated, ${count("tested")} held by a test, ${count("waiting")} waiting.`,
    "",
    ...HEAD,
    ...FAULT_FAMILIES.flatMap((family) => familyLines(family, fired)),
    "## Injectors",
    "",
    "What the simulation does, and how often it did it in the last full run.",
    "",
    "| injector | what it does | fired | answered |",
    "| --- | --- | --- | --- |",
    ...Object.entries(INJECTORS).map(([name, text]) => injectorLine(name as InjectorName, text, fired)),
    "",
    "## Answers",
    "",
    "What must be seen after a simulated fault.",
    "",
    "| answer | what it demands |",
    "| --- | --- |",
    ...Object.entries(ANSWERS).map(([name, text]) => `| \`${name}\` | ${cell(text)} |`),
    "",
  ].join("\n");
}

const HEAD = [
  "- *Detection, gate, repair, alert* are what trueup does today; the words are those of [glossary.md](glossary.md). The gate",
  '  is "open" where nothing is held for it.',
  "- *Shown by* an **injector** of the simulation, whose answer must follow each time that it strikes; by a **test**, found with",
  "  `npm test -- --test-name-pattern='\\[D01\\]'` (the id in brackets, or the name that is given); or it **waits**, and why.",
  "- *Fired* is how often all injectors of a row struck in the last full run, and how often the answer was seen: 12 / 12. An injector",
  '  counts for every row that it stands for. "never" is a fault that no run has shown.',
  "",
];

function familyLines({ letter, title, rows }: FaultFamily, fired: FiredFaults | null): string[] {
  return [
    `## ${letter}: ${title}`,
    "",
    "| id | fault | detection | gate | repair | alert | shown by | fired |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => rowLine(row, fired)),
    "",
  ];
}

function rowLine(row: FaultRow, fired: FiredFaults | null): string {
  const { id, fault, detection, gate, repair, alert } = row;
  const cells = [id, fault, detection, gate, repair, alert].map(cell);
  return `| ${[...cells, shownBy(row), firedText(row, fired)].join(" | ")} |`;
}

function shownBy(row: FaultRow): string {
  if (row.status === "waiting") return `**waits**: ${cell(row.reason)}`;
  if (row.status === "simulated") {
    const names = injectorsOf(row).map((name) => `\`${name}\``);
    return `**injector** ${names.join(", ")}: \`${row.answer}\``;
  }
  const file = `[${row.by.split("/").slice(-2).join("/")}](../${row.by})`;
  return row.test === undefined ? `**test** in ${file}` : `**test** "${cell(row.test)}" in ${file}`;
}

function firedText(row: FaultRow, fired: FiredFaults | null): string {
  if (row.status !== "simulated") return "";
  if (fired === null) return "not run yet";
  const counts = injectorsOf(row).map((name) => fired[name] ?? NEVER);
  const struck = counts.reduce((sum, one) => sum + one.fired, 0);
  const answered = counts.reduce((sum, one) => sum + one.answered, 0);
  return struck === 0 ? "never" : `${answered} / ${struck}`;
}

const NEVER: Fired = { fired: 0, answered: 0 };

function injectorLine(name: InjectorName, text: string, fired: FiredFaults | null): string {
  const { fired: struck, answered } = fired?.[name] ?? NEVER;
  const counts = fired === null ? ["not run yet", ""] : [String(struck), String(answered)];
  return `| \`${name}\` | ${cell(text)} | ${counts.join(" | ")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
