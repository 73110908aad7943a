// `trueup demo`: the daemon on a paper account, and a bot whose file drifts away from it. Everything is real but
// the money: the journal, the passes, the file that is repaired; `trueup status` talks to this daemon.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sidesText } from "../../core/index.ts";
import { loadConfig } from "../../daemon/config-file.ts";
import { Daemon } from "../../daemon/daemon.ts";
import { EXIT } from "../../daemon/exit.ts";
import type { Parts } from "../../daemon/parts.ts";
import type { PassReport } from "../../engine/index.ts";
import type { PaperVenue } from "../../venues/paper/index.ts";
import { summaryText } from "../commands/pass-output.ts";
import { ended } from "../commands/run.ts";
import type { Command, Context } from "../context.ts";
import type { Output } from "../output.ts";
import { witnessWords } from "../witness-words.ts";
import { ACTS, botBuys, openMarket, type Stage } from "./story.ts";

/** How long an act may take until trueup has brought both sides in line again; it takes two or three passes. In ms. */
const ACT_MS_MAX = 20_000;

const CONFIG = `# Written by "trueup demo".
state_dir = "state"
[api]
port = 0
[policy]
confirmations = 2
grace_ms = 500
interval_ms = 1000
[accounts.paper]
venue = "paper"
[accounts.paper.strategies]
bot = "bot-"
[[accounts.paper.mirrors]]
name = "bot"
type = "json-file"
path = "bot.json"
add = true
[accounts.paper.mirrors.fields]
quantity = "qty"
entry_price = "entry_price"
`;

export const demo: Command<{ readonly once?: boolean }> = async (context, { once = false }) => {
  const { out } = context;
  const theatre = await openTheatre(context);
  const { daemon, folder } = theatre;
  const stop = ended();
  const isEnded = await Promise.race([stop.then(() => true), tell(out, theatre).then(() => false)]);
  if (!isEnded && !once) {
    out.line("");
    out.line(`The daemon stays up (pid ${daemon.facts.pid}). In another terminal, in this folder:`);
    for (const command of ["status", "history", "discrepancies --all", "passes", "journal verify"]) {
      out.line(`  npx trueup ${command}`);
    }
    out.line(`The bot's file is ${join(folder, "bot.json")}: change it and watch. Ctrl-C ends.`);
    await stop;
  }
  await daemon.stop();
  out.line("ended cleanly");
  return EXIT.done;
};

interface Theatre {
  readonly daemon: Daemon;
  readonly stage: Stage;
  readonly folder: string;
  readonly parts: Parts;
  /** Reports of passes, as they come. */
  readonly reports: PassReport[];
}

async function openTheatre(context: Context): Promise<Theatre> {
  const { io, parts, out } = context;
  const folder = join(io.cwd, ".trueup", "demo");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "trueup.toml"), CONFIG);
  const botFile = join(folder, "bot.json");
  writeFileSync(botFile, "{}\n");
  let venue: PaperVenue | undefined;
  const staged: Parts = {
    ...parts,
    openVenue: async (config, venueContext) => {
      venue = (await parts.openVenue(config, venueContext)) as PaperVenue;
      return venue;
    },
  };
  const reports: PassReport[] = [];
  const loaded = loadConfig(io, join(folder, "trueup.toml"));
  const logLines: string[] = [];
  const log = await parts.openLog("info", (line) => logLines.push(line));
  const daemon = await Daemon.start({
    parts: staged,
    io,
    loaded,
    log,
    onPass: (report) => reports.push(report),
  });
  if (!venue) throw new Error("the demo has no venue");
  out.note(`paper account, no money in it; everything is in ${folder}`);
  const file = {
    read: () => JSON.parse(readFileSync(botFile, "utf8")) as Record<string, unknown>,
    write: (rows: Record<string, unknown>) => writeFileSync(botFile, `${JSON.stringify(rows, null, 2)}\n`),
  };
  return { daemon, stage: { venue, file }, folder, parts, reports };
}

async function tell(out: Output, theatre: Theatre): Promise<void> {
  const { stage, reports, parts } = theatre;
  openMarket(stage);
  botBuys(stage);
  out.line(
    out.tone("bold", "A bot trades AAPL and MSFT on a paper account and keeps its own file, bot.json."),
  );
  await settled(theatre, parts, reports.length);
  tellState(out, theatre);
  for (const [index, act] of ACTS.entries()) {
    out.line("");
    out.line(out.tone("bold", `${index + 1}. ${act.title}: ${act.text}.`));
    const from = reports.length;
    act.play(stage);
    await settled(theatre, parts, from);
    tellFindings(out, reports.slice(from), act.instrument);
    tellHistory(out, theatre, act.instrument);
    tellState(out, theatre);
  }
  out.line("");
  const last = reports.at(-1);
  out.line(out.tone("bold", "It adds up:"));
  for (const summary of last?.summaries ?? []) out.line(`  ${summaryText(summary)}`);
}

/** Waits until a pass after `from` found nothing open; every pass is a real one. */
async function settled({ reports }: Theatre, parts: Parts, from: number): Promise<void> {
  const { clock, timers } = parts.runtime;
  const until = clock.monotonicMs() + ACT_MS_MAX;
  for (;;) {
    const since = reports.slice(from);
    const isCalm = since.at(-1)?.isClean && since.length >= 3;
    if (isCalm || clock.monotonicMs() > until) return;
    await new Promise<void>((resolve) => {
      timers.after(100, resolve);
    });
  }
}

function tellFindings(out: Output, reports: readonly PassReport[], instrument: string): void {
  const told = new Set<string>();
  for (const { discrepancies } of reports) {
    for (const one of discrepancies) {
      const { subject, kind, of, cause, resolution, id } = one;
      if (subject.type === "balance" || subject.instrument !== instrument) continue;
      const place = of === "book" ? "the book" : `${of}'s file`;
      if (!told.has(id))
        out.line(`   ${out.tone("warn", "found")}     ${kind} ${instrument} in ${place}: ${sidesText(one)}`);
      told.add(id);
      if (resolution === null || told.has(`${id} end`)) continue;
      told.add(`${id} end`);
      const proof = one.witness === null ? "" : `; flat by ${witnessWords(one.witness)}`;
      out.line(
        `   ${out.tone("good", "explained")} cause ${cause ?? "unknown"}${evidence(one.explanation)}${proof}`,
      );
      const done = resolution === "repaired" ? "brought in line" : "the missing fill is booked";
      out.line(`   ${out.tone("good", "repaired")}  ${place}: ${done}  [${id}]`);
    }
  }
}

function evidence(
  explanation: { readonly parts: readonly { readonly evidence: readonly string[] }[] } | null,
): string {
  const keys = explanation?.parts.flatMap((part) => part.evidence) ?? [];
  return keys.length > 0 ? `, by ${keys.join(", ")}` : "";
}

function tellHistory(out: Output, { daemon }: Theatre, instrument: string): void {
  const book = daemon.hosts[0]?.session()?.book;
  const ledger = book?.ledgers.get(`net:${instrument}` as never);
  const life = ledger?.lives.at(-1);
  if (!life || life.closedAt === null) return;
  out.line(
    `   ${out.tone("good", "history")}   ${instrument}: ${life.qtyMax} held, realised ${life.realizedPnl ?? "unknown"}`,
  );
}

function tellState(out: Output, { stage, daemon }: Theatre): void {
  const rows = Object.entries(stage.file.read()).filter(([key]) => !key.startsWith("_"));
  const bot =
    rows.map(([symbol, row]) => `${symbol} ${(row as { qty?: unknown }).qty}`).join(", ") || "nothing";
  const venue =
    stage.venue.account
      .positionRows()
      .map((row) => `${row.instrument} ${row.qty}`)
      .join(", ") || "nothing";
  const gate = daemon.hosts[0]?.status().gate.state ?? "unknown";
  out.line(`   ${out.tone("dim", `the bot believes: ${bot} · the venue says: ${venue} · gate ${gate}`)}`);
}
