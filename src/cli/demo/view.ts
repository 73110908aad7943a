// The live view: what everybody believes, what the venue holds, what trueup does about it, and what happened. A state
// and a size in, rows out; drawing them is screen.ts.
import type { Tone } from "../output.ts";
import { atMost, beside, fit, type Row, type Span, widthOf, wrap } from "./layout.ts";
import type { Line } from "./line.ts";
import type { CopyLook, Look } from "./look.ts";
import { rowText } from "./state-text.ts";

export interface ViewState {
  readonly title: string;
  readonly seed: number;
  readonly speed: number;
  readonly elapsedMs: number;
  /** What is being waited for; null when nothing is. */
  readonly waiting: string | null;
  readonly look: Look | null;
  readonly passes: number;
  /** Discrepancies that are open now, in words. */
  readonly open: readonly string[];
  readonly found: number;
  /** What was repaired and explained, with its cause and evidence, latest last. */
  readonly repairs: readonly string[];
  readonly log: readonly Line[];
}

export interface ViewOptions {
  readonly columns: number;
  readonly rows: number;
  readonly isUnicode: boolean;
  /** The text as this terminal can show it. */
  readonly plain: (text: string) => string;
}

/** Below this the three blocks are below each other. In columns. */
const WIDE = 72;
/** Rows that are left to the log, where there are so many. */
const LOG_ROWS_MIN = 6;
const BLOCK_ROWS_MIN = 3;

/** At most as many rows as there are, none wider than there is room for. */
export function render(state: ViewState, options: ViewOptions): Row[] {
  const { columns, rows, isUnicode } = options;
  const plain = plainState(state, options.plain);
  const rule: Row = [{ text: (isUnicode ? "─" : "-").repeat(columns), tone: "dim" }];
  const head = [headRow(plain, columns), rule];
  const foot = [rule, footRow(plain, columns)];
  const room = rows - head.length - foot.length;
  const blocks = blocksOf(plain, columns, room, isUnicode ? "│" : "|");
  const log = logRows(plain.log, columns, room - blocks.length - 1);
  const body = log.length > 0 ? [...blocks, rule, ...log] : blocks;
  const filler = Array.from({ length: Math.max(0, room - body.length) }, (): Row => [{ text: "" }]);
  return [...head, ...body.slice(0, Math.max(0, room)), ...filler, ...foot].slice(0, rows);
}

function headRow({ title, seed, speed, elapsedMs }: ViewState, columns: number): Row {
  const clock = clockText(elapsedMs);
  const text = `trueup demo: ${title}`;
  const facts = `seed ${seed}  speed ${speed}  ${clock}`;
  const room = columns - widthOf(facts) - 2;
  if (room < 12) return [{ text: fit(`trueup demo  ${clock}`, columns), tone: "bold" }];
  return [
    { text: fit(text, room), tone: "bold" },
    { text: `  ${facts}`, tone: "dim" },
  ];
}

function footRow({ waiting }: ViewState, columns: number): Row {
  const end = "Ctrl-C ends";
  const text = waiting ?? "the story goes on";
  const room = columns - end.length - 2;
  if (room < 12) return [{ text: fit(text, columns), tone: "dim" }];
  return [
    { text: fit(text, room), ...(waiting !== null && { tone: "warn" as const }) },
    { text: `  ${end}`, tone: "dim" },
  ];
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

function blocksOf(state: ViewState, columns: number, room: number, bar: string): Row[] {
  const most = Math.max(BLOCK_ROWS_MIN, room - LOG_ROWS_MIN - 1);
  if (columns < WIDE) return stacked(state, columns, most);
  const inner = columns - 2 * 3;
  const side = Math.floor(inner * 0.32);
  const widths = [side, Math.floor(inner * 0.27), inner - side - Math.floor(inner * 0.27)];
  const [believed, held] = [believes(state.look), holds(state.look)];
  // The third column has always more to say: it is as high as the others, and a little more.
  const height = Math.min(most, Math.max(believed.length, held.length, 11));
  const done = deeds(state, widths[2] ?? 0, height);
  return beside([atMost(believed, height), atMost(held, height), done], widths, bar);
}

/** Below each other, each with its share of the rows. */
function stacked(state: ViewState, columns: number, most: number): Row[] {
  const share = Math.max(1, Math.floor(most / 3));
  const blocks = [
    ...atMost(believes(state.look), share),
    ...atMost(holds(state.look), share),
    ...deeds(state, columns, Math.max(1, most - 2 * share)),
  ];
  return blocks.map((span) => [{ ...span, text: fit(span.text, columns) }]);
}

function believes(look: Look | null): Span[] {
  const heading: Span = { text: "THE BOTS BELIEVE", tone: "bold" };
  if (!look) return [heading];
  return [heading, ...look.copies.flatMap((copy) => copyRows(copy, look))];
}

function copyRows(copy: CopyLook, look: Look): Span[] {
  const heading: Span = { text: copy.file, tone: "dim" };
  if (copy.problem !== null) return [heading, { text: `  ${copy.problem}`, tone: "bad" }];
  const actual = actualOf(copy, look);
  const rows = copy.rows.map((row): Span => {
    const held = actual.get(row.instrument);
    const isTrue = held !== undefined && (row.qty === null || row.qty === held);
    return isTrue
      ? { text: `  ${rowText(row)}` }
      : { text: `  ${rowText(row)} (really ${held ?? "none"})`, tone: "warn" };
  });
  const missing = [...actual].filter(([name]) => copy.rows.every(({ instrument }) => instrument !== name));
  const unknown = missing.map(([name, qty]): Span => ({ text: `  (really ${name} ${qty})`, tone: "warn" }));
  const all = [...rows, ...unknown];
  return [heading, ...(all.length > 0 ? all : [{ text: "  nothing", tone: "dim" } as const])];
}

/** What its rows should say: the account, or its strategy's lot as far as trueup's book knows it. */
function actualOf({ strategy }: CopyLook, { venue, book }: Look): ReadonlyMap<string, string> {
  if (strategy === null)
    return new Map(Object.entries(venue.positions).map(([name, { qty }]) => [name, qty]));
  return new Map(
    book.positions.flatMap(({ instrument, lots }) => {
      const lot = lots.find((one) => one.strategy === strategy);
      return lot ? [[instrument, lot.qty] as const] : [];
    }),
  );
}

function holds(look: Look | null): Span[] {
  const heading: Span = { text: "THE VENUE HOLDS", tone: "bold" };
  if (!look) return [heading];
  const { positions, prices, fills, cash, currency } = look.venue;
  const known = new Map(look.book.positions.map(({ instrument, qty }) => [instrument, qty]));
  const rows = Object.entries(positions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { qty }]): Span => {
      const isKnown = known.get(name) === qty;
      const text = `${name} ${qty} @${prices[name] ?? "?"}`;
      return isKnown ? { text } : { text: `${text} new`, tone: "warn" };
    });
  const money = `${cash.split(".")[0]} ${currency}, ${fills.length} fills`;
  return [heading, { text: money, tone: "dim" }, ...(rows.length > 0 ? rows : [{ text: "no position" }])];
}

/** Gate, open discrepancies, then as many of the last repairs as there is room for, the latest first. */
function deeds({ look, passes, open, found, repairs }: ViewState, width: number, height: number): Span[] {
  const gate = look?.gate ?? "halted";
  const tone: Tone = gate === "open" ? "good" : "bad";
  const rows: Span[] = [
    { text: "TRUEUP", tone: "bold" },
    { text: `gate ${gate}`, tone },
    ...(gate === "open"
      ? []
      : wrap(`  ${look?.reasons[0] ?? ""}`, width)
          .slice(0, 2)
          .map((text): Span => ({ text, tone }))),
    { text: `${passes} passes, ${found} found, ${open.length} open`, tone: "dim" },
    ...open.slice(0, 3).map((text): Span => ({ text: `open: ${text}`, tone: "warn" })),
  ];
  for (const text of repairs.toReversed()) {
    const wrapped = wrap(text, width).map(
      (line, index): Span => ({ text: line, ...(index === 0 && { tone: "good" as const }) }),
    );
    if (rows.length + wrapped.length > height) break;
    rows.push(...wrapped);
  }
  return rows.slice(0, height);
}

/** The end of the log, as much of it as there is room for. */
function logRows(log: readonly Line[], columns: number, room: number): Row[] {
  if (room <= 0) return [];
  const rows = log
    .slice(-room)
    .flatMap(({ text, tone }) => wrap(text, columns).map((line): Row => [{ text: line, tone }]));
  return rows.slice(-room);
}

function plainState(state: ViewState, plain: (text: string) => string): ViewState {
  const clean = (texts: readonly string[]) => texts.map(plain);
  const { look } = state;
  return {
    ...state,
    title: plain(state.title),
    waiting: state.waiting === null ? null : plain(state.waiting),
    open: clean(state.open),
    repairs: clean(state.repairs),
    log: state.log.map((line) => ({ ...line, text: plain(line.text) })),
    look: look && {
      ...look,
      reasons: clean(look.reasons),
      copies: look.copies.map((copy) => ({
        ...copy,
        rows: copy.rows.map((row) => ({ ...row, instrument: plain(row.instrument) })),
        problem: copy.problem === null ? null : plain(copy.problem),
      })),
    },
  };
}
