// The commands of the command line: names, options and help. Each command's code is loaded when it is run.
import { Command, CommanderError, Option } from "commander";
import type { Origin } from "../core/index.ts";
import { CliError, EXIT, EXIT_MEANINGS, errorDocument } from "../daemon/exit.ts";
import type { Parts } from "../daemon/parts.ts";
import type { VenueSection } from "./commands/venue.ts";
import type { CommonOptions, Context } from "./context.ts";
import { type Io, Output } from "./output.ts";

/** The core's word list, without loading the core for every command. */
const ORIGINS: readonly Origin[] = ["signal", "manual", "adopted", "inferred"];

/** Options that most commands take. */
const COMMON = {
  config: [
    "-c, --config <file>",
    "the configuration (default: the running daemon's, or configs/paper.toml …)",
  ],
  account: ["-a, --account <name>", "only this account"],
  json: ["--json", "one JSON document on stdout, with stable fields (docs/cli.md)"],
} as const;
type CommonName = keyof typeof COMMON;
const COMMON_NAMES: readonly CommonName[] = ["config", "account", "json"];

/** Commands to which some of them would mean nothing: an option that is offered works. */
const TAKES: Readonly<Record<string, readonly CommonName[]>> = {
  init: ["json"],
  "config check": ["config", "json"],
  run: ["config"],
  demo: [],
  "scenario run": ["json"],
  simulate: ["json"],
  venues: ["json"],
  "venue replay": ["json"],
};

/** What a group of commands does when none of it is named. */
const DEFAULTS: readonly string[] = ["show"];

/** Commands that mostly ask a daemon: they prepare themselves for the configuration only where they need it. */
const QUICK: readonly string[] = ["status", "health", "gate"];

type Run = (context: Context, options: never, ...args: string[]) => Promise<number>;

/** Runs one command line. Resolves to the exit code; writes only through `io`. */
export async function runCli(argv: readonly string[], parts: Parts, io: Io): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = buildProgram(parts, io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, argv, io);
  }
}

/** The one place where an error becomes an exit code, a message and, with --json, a document. */
async function report(error: unknown, argv: readonly string[], io: Io): Promise<number> {
  // --help and --version end the parser too.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const told = error instanceof CommanderError ? usageError(error) : await cliErrorOf(error);
  if (argv.includes("--json")) io.stdout(`${JSON.stringify({ error: errorDocument(told) })}\n`);
  // The parser has written its message already, with the options that are like the wrong one.
  if (!(error instanceof CommanderError)) new Output(io, {}).note(`trueup: ${textOf(told)}`);
  return told.exitCode;
}

async function cliErrorOf(error: unknown): Promise<CliError> {
  const { asCliError } = await import("../daemon/trouble.ts");
  return asCliError(error) ?? unexpected(error);
}

function usageError({ code, message }: CommanderError): CliError {
  const isBare = code === "commander.help";
  const text = isBare ? 'name a command; "trueup --help" lists them' : message.replace(/^error: /, "");
  return new CliError(EXIT.usage, "usage", text);
}

function unexpected(error: unknown): CliError {
  const text = error instanceof Error ? error.message : String(error);
  return new CliError(EXIT.unexpected, "unexpected", `an unexpected error of ours: ${text}`, {
    cause: error,
  });
}

/** Of an error that nobody foresaw also where it was thrown: whoever looks into it needs that. */
function textOf({ code, message, cause }: CliError): string {
  return code === "unexpected" && cause instanceof Error ? `${message}\n${cause.stack ?? ""}` : message;
}

function buildProgram(parts: Parts, io: Io, end: (code: number) => void): Command {
  // Help and errors too: what was typed comes back in them, and a locale may show ASCII only.
  const out = new Output(io, {});
  const program = new Command("trueup")
    .description("Keeps what a trading bot believes equal to what its account really holds.")
    .version(parts.version, "-v, --version")
    .exitOverride()
    // Options belong to the command that they follow, also where that stands below another one with options of its own.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.stdout(out.plain(text)),
      writeErr: (text) => io.stderr(out.plain(text)),
    })
    .addHelpText("after", exitHelp())
    .showSuggestionAfterError()
    .showHelpAfterError(
      '("trueup --help" lists the commands, "trueup COMMAND --help" the options that follow one)',
    );

  const add = (
    parent: Command,
    words: string,
    about: string,
    load: () => Promise<Run>,
    shape: (command: Command) => Command = (command) => command,
  ): Command => {
    const command = parent.command(words, { isDefault: DEFAULTS.includes(words) }).description(about);
    for (const name of TAKES[pathOf(command)] ?? COMMON_NAMES) {
      const [flags, meaning] = COMMON[name];
      command.option(flags, meaning);
    }
    command.option("--no-color", "no colour; NO_COLOR and a pipe do the same");
    const isDefault = DEFAULTS.includes(words);
    // What follows a group and is none of its commands goes to its default one, or to itself: to be told as what it is.
    if (isDefault) command.allowExcessArguments();
    if (parent.parent) parent.allowExcessArguments();
    return shape(command).action(async (...given: unknown[]) => {
      const [options, args] = split(given);
      const group = isDefault ? parent : command;
      if (group.commands.length > 0 && command.args.length > 0) await refuseWord(group, command);
      const [run, { makeContext }] = await Promise.all([load(), import("./context.ts")]);
      const context = makeContext(parts, io, options);
      if (!QUICK.includes(pathOf(command))) await context.prepare();
      end(await run(context, options as never, ...args));
    });
  };

  addSetUp(program, add);
  addPasses(program, add);
  addReads(program, add);
  addVenue(program, add);
  addControls(program, add);
  return program;
}

/** @throws Like the parser itself: the message is written. */
async function refuseWord(group: Command, command: Command): Promise<never> {
  const { suggest } = await import("../config/index.ts");
  const [word = ""] = command.args;
  const names = group.commands.map((one) => one.name());
  const isNamed = group !== command && group.args[0] === command.name();
  const near = suggest(word, names);
  const meant = near === undefined ? "" : `\n(Did you mean ${near}?)`;
  const text = isNamed
    ? `error: '${group.name()} ${command.name()}' takes no '${word}': options only`
    : `error: unknown command '${word}': ${group.name()} has ${names.join(", ")}${meant}`;
  return group.error(text, { exitCode: 1, code: "commander.unknownCommand" });
}

type Add = (
  parent: Command,
  words: string,
  about: string,
  load: () => Promise<Run>,
  shape?: (command: Command) => Command,
) => Command;

function addSetUp(program: Command, add: Add): void {
  add(
    program,
    "init",
    "write configs/paper.toml and configs/live.toml, commented",
    async () => (await import("./commands/setup.ts")).init,
    (command) =>
      command
        .option("--observe", "repair nothing, report what would have been done (without it, you are asked)")
        .option("--force", "write over files that are there"),
  );
  const config = program.command("config").description("look at a configuration");
  add(
    config,
    "check [file]",
    "is it right? Problems come with their line and what was probably meant",
    async () => (await import("./commands/setup.ts")).checkConfig,
  );
  add(
    program,
    "run",
    "the daemon: all accounts and the API, until Ctrl-C",
    async () => (await import("./commands/run.ts")).run,
  );
  add(
    program,
    "demo",
    "two strategies and a human on a paper account, what goes wrong in a day, and what trueup does about it",
    async () => (await import("./demo/index.ts")).demo,
    (command) =>
      command
        .option("--once", "end when the story is told, instead of staying up")
        .option("--scenario <name>", "play this one (default: the story of a day)")
        .option("--list", "list the scenarios, with the five incidents, and end")
        .option("--seed <number>", "another day: the same seed tells the same story (default 8)")
        .option("--speed <factor>", "so many times faster: 1, 4, 20 (default 1)"),
  );
}

function addPasses(program: Command, add: Add): void {
  add(
    program,
    "check",
    "do both sides agree? Changes nothing",
    async () => (await import("./commands/pass.ts")).check,
  );
  add(
    program,
    "reconcile",
    "one pass now: find, explain, repair, verify",
    async () => (await import("./commands/pass.ts")).reconcile,
    (command) => command.option("--force", "act on the first sighting, without grace (never without proof)"),
  );
  add(
    program,
    "plan",
    "what would be done now, what is refused, and what needs a person's word; changes nothing",
    async () => (await import("./commands/plan.ts")).plan as Run,
    (command) =>
      command
        .option("-m, --mirror <name...>", "only these mirrors")
        .option("-o, --out <file>", "write the plan of one account to a file as well"),
  );
  add(
    program,
    "apply <plan>",
    "carry out a plan, by its id or its file; refused when the world has moved since",
    async () => (await import("./commands/plan.ts")).apply as Run,
    (command) =>
      command
        .option("--confirm <account>", "the account's name, typed by a person")
        .option("--rows <number>", "how many rows rest on the person's word"),
  );
  add(
    program,
    "undo <id>",
    "take a repair back: its row is as it was, and left alone until the venue's changes",
    async () => (await import("./commands/undo.ts")).undo,
  );
  add(
    program,
    "release <id>",
    "end the watch that an undo left behind: the row is repaired again",
    async () => (await import("./commands/undo.ts")).release,
  );
  const scenario = program.command("scenario").description("situations, kept and replayed");
  add(
    scenario,
    "run <paths...>",
    "run scenario files, or all in a folder, on the real engine",
    async () => (await import("./commands/scenario.ts")).runScenarios,
  );
  addSimulation(program, add);
}

function addSimulation(program: Command, add: Add): void {
  add(
    program,
    "simulate",
    "the real engine on a simulated account that lies in every way: thousands of runs, each checked",
    async () => (await import("./commands/simulate.ts")).simulate,
    (command) =>
      command
        .option("--seeds <number>", "how many runs (default 1000)")
        .option("--from <seed>", "the first seed (default 1)")
        .option("--for <seconds>", "as many runs as fit; with --seeds at least so many")
        .option("--workers <number>", "how many run at once (default 2); the verdict is the same")
        .option("--profile <name>", "swarm | declared | ambiguity | absence | calm | exits (default swarm)")
        .option("--seed <seed>", "this one run alone")
        .option("--trace", "with --seed: print every event and every record")
        .option("--faults <names>", "only these faults, separated by commas; none for none at all")
        .option("--steps <number>", "so many things happen in a run (default: drawn by the seed)"),
  );
}

function addReads(program: Command, add: Add): void {
  add(
    program,
    "status",
    "the verdict, the gate, what is open",
    async () => (await import("./commands/status.ts")).status,
  );
  add(
    program,
    "health",
    "which symbols are stale or missing, by name",
    async () => (await import("./commands/status.ts")).health,
  );
  const list = (name: Parameters<typeof import("./commands/read.ts").list>[0]) => async () =>
    (await import("./commands/read.ts")).list(name) as Run;
  const instrument = (command: Command) =>
    command.option("-i, --instrument <symbol>", "only this instrument");
  const limit = (command: Command) =>
    instrument(command).option("-n, --limit <rows>", "the newest so many (default 50)");
  addPositions(program, add, list("positions"));
  add(program, "orders", "active orders", list("orders"), (command) =>
    instrument(command).option("--all", "closed ones too"),
  );
  add(program, "fills", "fills, newest first", list("fills"), limit);
  add(program, "balances", "balances", list("balances"));
  add(program, "history", "positions that ended, newest first", list("history"), limit);
  add(
    program,
    "passes",
    "what each pass found and did; quiet ones are counted together",
    list("passes"),
    (command) => command.option("-n, --limit <rows>", "the newest so many (default 50)"),
  );
  add(program, "discrepancies", "open discrepancies", list("discrepancies"), (command) =>
    limit(command).option("--all", "closed ones too"),
  );
  add(
    program,
    "explain <id>",
    "why: a discrepancy, an adjustment, a fill or a pass, with its evidence",
    async () => (await import("./commands/explain.ts")).explain,
  );
  const journal = program.command("journal").description("the journal itself");
  add(
    journal,
    "verify",
    "walk the hash chain; names every record that was altered, left out or moved",
    async () => (await import("./commands/journal.ts")).verifyJournal,
  );
}

function addPositions(program: Command, add: Add, list: () => Promise<Run>): void {
  const positions = add(program, "positions", "what is held", list, (command) =>
    command
      .option("-i, --instrument <symbol>", "only this instrument")
      .addOption(new Option("--origin <origin>", "only positions that came like this").choices(ORIGINS))
      .option("--strategy <name>", "this strategy's part of each instead: its lots"),
  );
  positions.enablePositionalOptions();
  const leg = (command: Command) => command.option("--leg <leg>", "long | short, where the account hedges");
  const by = (command: Command) =>
    command.option("--by <person>", "whose word it is (default: the user's name)");
  add(
    positions,
    "attribute",
    "say whose a part of a position is; its quantity stays as it is",
    async () => (await import("./commands/attribute.ts")).attribute as Run,
    (command) =>
      by(leg(command.requiredOption("-i, --instrument <symbol>", "as the venue calls it")))
        .requiredOption("--from <strategy>", "whose lot it is in; unattributed for nobody's")
        .requiredOption("--to <strategy>", "whose it is")
        .option("--qty <quantity>", "not signed (default: the whole lot)")
        .requiredOption("--reason <text>", "why"),
  );
  const notes = program.command("notes").description("what a person notes on a position");
  add(
    notes,
    "set <fields...>",
    "note on a position: thesis, invalidation, timeStop, stop, target, text, each as FIELD=TEXT",
    async () => (await import("./commands/notes.ts")).setNotes as Run,
    (command) => by(leg(command.requiredOption("-i, --instrument <symbol>", "as the venue calls it"))),
  );
  add(
    notes,
    "show",
    "what is noted on what is held; closed positions keep theirs in history",
    async () => (await import("./commands/notes.ts")).showNotes as Run,
    (command) => command.option("-i, --instrument <symbol>", "only this instrument"),
  );
  add(
    notes,
    "import <file>",
    "take the notes out of a bot's state file (JSON); position data in it is refused, field by field",
    async () => (await import("./commands/notes.ts")).importNotes as Run,
    (command) =>
      by(
        command
          .option("--exits", "make exit plans of the stops, targets and time stops that are noted")
          .option("--dry-run", "say what would be taken and refused; change nothing"),
      ),
  );
}

function addVenue(program: Command, add: Add): void {
  const venue = program
    .command("venue")
    .description("the venue itself, asked now: the truth, beside the journal");
  const ask = (name: VenueSection) => async () => (await import("./commands/venue.ts")).askVenue(name) as Run;
  const raw = (command: Command) =>
    command.option("--raw", "the venue's own answers, as they came, instead of rows");
  add(venue, "positions", "what it says is held", ask("positions"), raw);
  add(venue, "orders", "its open orders", ask("orders"), raw);
  add(venue, "fills", "its fills of late", ask("fills"), (command) =>
    raw(command).option("--since <time>", "from when on: 90m, 24h, 7d or a date, UTC (default 24h)"),
  );
  add(venue, "balances", "its balances", ask("balances"), raw);
  add(
    venue,
    "doctor",
    "is the connection good enough: account, rights of the key, clock, rate, modes",
    async () => (await import("./commands/venue-doctor.ts")).doctor as Run,
  );
  add(
    venue,
    "replay <file>",
    "what the adapter makes of a recorded payload; nothing is asked of the venue",
    async () => (await import("./commands/venue-replay.ts")).replay as Run,
    (command) =>
      command
        .requiredOption("--venue <name>", "whose payload it is (trueup venues)")
        .option(
          "--hint <request>",
          "where it came from, such as GET /v2/positions, where its shape does not tell",
        ),
  );
  add(
    program,
    "venues [name]",
    "what each venue's adapter can do, and how that was verified",
    async () => (await import("./commands/venues.ts")).venues as Run,
  );
  add(
    program,
    "record",
    "write what the venue sends into a file that can be given away: redacted, without keys",
    async () => (await import("./commands/record.ts")).record as Run,
    (command) =>
      command
        .option("-o, --out <file>", "the file (default: VENUE-ACCOUNT.recording.json)")
        .option("--since <time>", "from when on fills and ledger entries are asked for (default 24h)")
        .option("--stream <seconds>", "listen to the stream as well, for so long")
        .option("--force", "write over a file that is there"),
  );
}

function addControls(program: Command, add: Add): void {
  add(
    program,
    "gate",
    "may the bot trade, and why not",
    async () => (await import("./commands/gate.ts")).gate as Run,
    (command) =>
      command
        .option("--set <state>", "open | reduce_only | halted: what a person holds (open releases it)")
        .option("-i, --instrument <symbol>", "only this instrument")
        .option("--reason <text>", "why"),
  );
  addOrders(program, add);
  addExits(program, add);
  add(
    program,
    "kill",
    "stop everything that could add risk, now; latched across restarts",
    async () => (await import("./commands/gate.ts")).kill as Run,
    (command) =>
      command
        .option("--reason <text>", "why", "by hand")
        .option("--all", "cancel reduce-only stops too")

        .option("--drill", "rehearse it on a paper account in memory, and say what it took; kills nothing")
        .option("--flatten", "then close what is held, as trueup flatten does")
        .option("--confirm <account>", "with --flatten: the account's name, typed by a person")
        .option("--no-exits", "exits that were armed before may send no orders either"),
  );
  add(
    program,
    "flatten",
    "close positions: shows what would be traded, then a person confirms; passes every gate, and proves flat",
    async () => (await import("./commands/flatten.ts")).flatten as Run,
    (command) =>
      command
        .option("-i, --instrument <symbol>", "only this instrument")
        .option("--confirm <account>", "the account's name, typed by a person")
        .option("--plan <id>", "a plan that was shown before; asked again it tells its first result"),
  );
  add(
    program,
    "resume",
    "release a kill",
    async () => (await import("./commands/gate.ts")).resume as Run,
    (command) =>
      command
        .requiredOption("--reason <text>", "why it is safe again")
        .option("--confirm <account>", "the account's name, typed by a person"),
  );
}

function addOrders(program: Command, add: Add): void {
  const order = program.command("order").description("send, change and cancel orders through trueup");
  const instrument = (command: Command) =>
    command.requiredOption("-i, --instrument <symbol>", "as the venue calls it");
  const handle = (command: Command) =>
    instrument(command)
      .option("--client-id <id>", "the order's client order id")
      .option("--venue-id <id>", "the order's venue order id");
  const prices = (command: Command) =>
    command
      .option("--qty <quantity>", "not signed")
      .option("--price <price>", "of a limit order")
      .option("--trigger-price <price>", "of a stop order")
      .option("--id <intent>", "your own name for it: the same id is the same order, sent once");
  add(
    order,
    "submit",
    "send one order: journaled first, sent once, the gate and the limits asked",
    async () => (await import("./commands/order.ts")).submitOrder as Run,
    (command) =>
      prices(instrument(command))
        .requiredOption("--side <side>", "buy | sell")
        .option("--type <type>", "market | limit | stop | stop_limit (default market)")
        .option("--notional <amount>", "what it may cost, instead of a quantity")
        .option("--time-in-force <time>", "day | gtc | ioc | fok (default day)")
        .option("--reduce-only", "it may only make the position smaller")
        .option("--leg <leg>", "long | short, where the account hedges")
        .option("--strategy <name>", "whose it is")
        .option("--signal <id>", "the signal that it follows, as you call it")
        .option("--tag <name=value...>", "your own words on it; may be given several times")
        .option("--reference-price <price>", "what you take for the price, where trueup knows none")
        .option("--stop <level>", "close what it opens at this price, or at 2% of the entry price")
        .option("--target <level>", "close it with a profit at this price, or at 5%")
        .option("--trailing <distance>", "close it so far behind the best price: 1.5 or 3%")
        .option("--time-stop <time>", "close it after so long: 30m, 2h, 5d")
        .option("--minimum-hold <time>", "before that only the stop acts"),
  );
  add(
    order,
    "amend",
    "change an open order",
    async () => (await import("./commands/order.ts")).amendOrder as Run,
    (command) => prices(handle(command)),
  );
  add(
    order,
    "cancel",
    "cancel an order, whatever the gate says",
    async () => (await import("./commands/order.ts")).cancelOrder as Run,
    handle,
  );
  // Whoever trades beside trueup knows no other command about orders: it stands under both names.
  for (const parent of [order, program]) {
    add(
      parent,
      "resolve",
      "what became of an order that a bot sent itself and got no answer for?",
      async () => (await import("./commands/order.ts")).resolveOrder as Run,
      (command) =>
        instrument(command)
          .requiredOption("--client-id <id>", "the order's client order id")
          .option("--side <side>", "buy | sell, as far as it is known")
          .option("--qty <quantity>", "not signed")
          .option("--price <price>", "of a limit order"),
    );
  }
}

function addExits(program: Command, add: Add): void {
  const exits = program.command("exits").description("what closes positions, and when");
  add(
    exits,
    "show",
    "what would close each position, and what nothing would",
    async () => (await import("./commands/exits.ts")).exits as Run,
  );
  const share = (command: Command) =>
    command
      .requiredOption("-i, --instrument <symbol>", "as the venue calls it")
      .option("--strategy <name>", "only this strategy's share of the position")
      .option("--leg <leg>", "long | short, where the account hedges");
  add(
    exits,
    "set",
    "say when a position is to be closed; stands above the plan that its order came with",
    async () => (await import("./commands/exits.ts")).setExits as Run,
    (command) =>
      share(command)
        .option("--stop <level>", "at this price, or at 2% of the entry price")
        .option("--target <level>", "with a profit at this price, or at 5%")
        .option("--trailing <distance>", "so far behind the best price: 1.5 or 3%")
        .option("--time-stop <time>", "after so long: 30m, 2h, 5d")
        .option("--minimum-hold <time>", "before that only the stop acts")
        .option("--invalidation <text>", "what would prove the idea wrong, for people")
        .option("--none", "no exit is wanted"),
  );
  add(
    exits,
    "clear",
    "take that back: the plan of its order, or of the configuration, counts again",
    async () => (await import("./commands/exits.ts")).clearExits as Run,
    share,
  );
}

/** The command's name behind those of the commands above it, without the program's. */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}

/** Commander hands over the arguments, then the options, then the command. */
function split(given: readonly unknown[]): [CommonOptions, string[]] {
  const options = given.at(-2) as CommonOptions;
  const args = given
    .slice(0, -2)
    .flat()
    .filter((arg): arg is string => typeof arg === "string");
  return [options, args];
}

function exitHelp(): string {
  const lines = Object.entries(EXIT).map(
    ([name, code]) => `  ${String(code).padStart(3)}  ${EXIT_MEANINGS[name as keyof typeof EXIT]}`,
  );
  return `\nExit codes:\n${lines.join("\n")}\n`;
}
