// What the tests of the command line share: a folder of its own with a configuration, the real program run in it to
// its end or as a daemon, and a local Alpaca. Nothing here waits for a fixed time; what was started is ended.
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AlpacaServer } from "../venues/alpaca/server.ts";
import { type AccountState, newState } from "../venues/alpaca/state.ts";
import { activityId, position, uuid } from "../venues/alpaca/support.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PROGRAM = join(ROOT, "src", "cli", "main.ts");
/** Where a condition has no event to wait for, it is looked at this often. In ms. */
const LOOK_MS = 20;

/** A test, or a file of tests with node:test's own `after`. */
export interface Cleaning {
  readonly after: (work: () => void | Promise<void>) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of every run: keys of the local Alpaca, a locale that can show everything, nothing of the tests' own. */
const ENVIRONMENT: Environment = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  USER: "tester",
  // Where Node itself would put it: halves the time of a start from the second one on.
  NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
  LANG: "C.UTF-8",
  APCA_API_KEY_ID: "PKTEST0000000000LOCAL",
  APCA_API_SECRET_KEY: "local-secret-0123456789",
};

/** A folder of a bot: its files, trueup's configuration in configs/, its state in state/. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "trueup-cli-"));
  private readonly children = new Set<ChildProcess>();

  /** The full path of something in here. */
  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | Buffer): string {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  read(name: string): string {
    return readFileSync(this.at(name), "utf8");
  }

  bytes(name: string): Buffer {
    return readFileSync(this.at(name));
  }

  has(name: string): boolean {
    return existsSync(this.at(name));
  }

  /** The backups that lie beside a mirror's file. */
  backups(name: string): string[] {
    const base = name.split("/").at(-1) ?? "";
    const own = (file: string) => file.startsWith(`${base}.trueup-`) && file.endsWith(".bak");
    return readdirSync(dirname(this.at(name))).filter(own);
  }

  /** Runs one command to its end. */
  run(args: readonly string[], environment: Environment = {}): Promise<Ended> {
    return endOf(this.spawn(args, environment));
  }

  /** Runs a read or a pass with --json. @throws when stdout is not exactly one document. */
  async json(args: readonly string[], environment: Environment = {}): Promise<Ended & { document: Row }> {
    const ended = await this.run([...args, "--json"], environment);
    return { ...ended, document: oneDocument(ended) };
  }

  /** Starts `trueup run` and waits until every account has made its first pass. */
  async start(accounts = 1, environment: Environment = {}): Promise<RunningDaemon> {
    const daemon = new RunningDaemon(this.spawn(["run", "--config", CONFIG], environment));
    await daemon.until((line) => line.event === "daemon.started");
    await daemon.untilCount("pass.finished", accounts);
    return daemon;
  }

  spawn(args: readonly string[], environment: Environment = {}): ChildProcess {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, ...args], {
      cwd: this.path,
      env: { ...ENVIRONMENT, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.children.add(child);
    child.once("exit", () => this.children.delete(child));
    return child;
  }

  async clean(): Promise<void> {
    const running = [...this.children];
    await Promise.all(
      running.map(async (child) => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }),
    );
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function openFolder(cleaning: Cleaning): Folder {
  const folder = new Folder();
  cleaning.after(() => folder.clean());
  return folder;
}

export type Row = Record<string, unknown>;

/** @throws when the text is not one JSON object and a line's end, and nothing else. */
export function oneDocument({ stdout, stderr }: Ended): Row {
  if (!stdout.endsWith("\n")) throw new Error(`stdout does not end with a line's end: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Row;
}

function endOf(child: ChildProcess): Promise<Ended> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (part: Buffer) => stdout.push(part));
  child.stderr?.on("data", (part: Buffer) => stderr.push(part));
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      const text = (parts: readonly Buffer[]) => Buffer.concat(parts).toString("utf8");
      resolve({ code, signal, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

/** A line of the daemon's log. */
export interface LogLine extends Row {
  readonly event: string;
}

export class RunningDaemon {
  readonly pid: number;
  /** Everything it has logged; a line that is no JSON object is kept as an event called "not-json". */
  readonly lines: LogLine[] = [];
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private hasEnded = false;

  constructor(child: ChildProcess) {
    this.child = child;
    this.pid = child.pid ?? 0;
    let rest = "";
    child.stdout?.on("data", (part: Buffer) => {
      const [last = "", ...whole] = (rest + part.toString("utf8")).split("\n").reverse();
      rest = last;
      this.lines.push(...whole.reverse().map(logLine));
      this.look();
    });
    this.ended = endOf(child).then((end) => {
      this.hasEnded = true;
      this.look();
      return end;
    });
  }

  /** The first such line at or after a place of the log. @throws when the daemon ends without it. */
  async until(isWanted: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    for (;;) {
      const found = this.lines.slice(from).find(isWanted);
      if (found) return found;
      await this.more("the line that was waited for");
    }
  }

  /** Waits until an event was logged so often. */
  async untilCount(event: string, count: number): Promise<void> {
    while (this.lines.filter((line) => line.event === event).length < count) {
      await this.more(`${count} of ${event}`);
    }
  }

  /** Waits for one more finished pass than there are, and for one after it: what was true before it is seen by it. */
  async nextPass(account?: string): Promise<LogLine> {
    const from = this.lines.length;
    const isPass = (line: LogLine) =>
      line.event === "pass.finished" && (account === undefined || line.account === account);
    const first = await this.until(isPass, from);
    return this.until(isPass, this.lines.indexOf(first) + 1);
  }

  /** Whoever read its log is gone. */
  leaveUnread(): void {
    this.child.stdout?.destroy();
  }

  end(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  private async more(what: string): Promise<void> {
    if (this.hasEnded) {
      const { code, stdout, stderr } = await this.ended;
      throw new Error(`the daemon ended with ${code} before ${what}:\n${stdout}${stderr}`);
    }
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  private look(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

function logLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { event: "not-json", text };
  }
}

/** Waits for what nothing tells: a file that another process writes, a row in a database. */
export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  // Not what keeps a test alive that has timed out.
  while (!(await isTrue())) await pause(LOOK_MS, undefined, { ref: false });
}

export interface LocalAlpaca {
  readonly server: AlpacaServer;
  readonly url: string;
}

export async function startAlpaca(
  cleaning: Cleaning,
  stated: Partial<AccountState> = {},
): Promise<LocalAlpaca> {
  const server = new AlpacaServer();
  server.state = newState(stated);
  const url = await server.start();
  cleaning.after(() => server.stop());
  return { server, url };
}

/** Where `writeConfig` writes. */
export const CONFIG = "configs/test.toml";

export interface ConfigParts {
  /** Tables of TOML, one for each account. */
  readonly accounts: readonly string[];
  /** Further tables at the top. */
  readonly top?: string;
  readonly intervalMs?: number;
  readonly hasApi?: boolean;
}

/** Writes a configuration whose passes follow quickly and whose state is in state/. */
export function writeConfig(folder: Folder, parts: ConfigParts): string {
  const { accounts, top = "", intervalMs = 60_000, hasApi = true } = parts;
  const text = `state_dir = "../state"
[api]
enabled = ${hasApi}
port = 0
[policy]
confirmations = 1
grace_ms = 0
interval_ms = ${intervalMs}
${top}
${accounts.join("\n")}`;
  return folder.write(CONFIG, text);
}

export function alpacaAccount(name: string, url: string, more = ""): string {
  return `[accounts.${name}]\nvenue = "alpaca"\nenvironment = "paper"\nbase_url = "${url}"\n${more}`;
}

export function paperAccount(name: string, more = ""): string {
  return `[accounts.${name}]\nvenue = "paper"\n${more}`;
}

/** The bot's file as a mirror; without fields it says presence only. */
export function mirror(account: string, path: string, more = ""): string {
  return `[[accounts.${account}.mirrors]]\nname = "bot"\ntype = "json-file"\npath = "../${path}"\n${more}`;
}

/** When the first share was bought: long enough ago that no read lags behind it. */
const FIRST_MS = Date.now() - 600_000;

/** One share of AAPL bought by an order of its own, as Alpaca tells it. The number makes it different from others. */
function bought(number: number, atMs: number): Row {
  return {
    id: activityId(atMs, uuid(number)),
    activity_type: "FILL",
    transaction_time: new Date(atMs).toISOString(),
    type: "fill",
    price: "100",
    qty: "1",
    side: "buy",
    symbol: "AAPL",
    leaves_qty: "0",
    order_id: `order-${number}`,
    cum_qty: "1",
    order_status: "filled",
  };
}

/** An account that bought so many shares of AAPL, one after the other; the last one at a moment of its own. */
export function accountWith(shares: number, lastMs = FIRST_MS + shares * 1_000): Partial<AccountState> {
  const value = String(shares * 100);
  const price = { avg_entry_price: "100", current_price: "100", market_value: value, cost_basis: value };
  const held = position({ qty: String(shares), qty_available: String(shares), ...price });
  return {
    account: { position_market_value: value, long_market_value: value },
    positions: shares === 0 ? [] : [held],
    activities: Array.from({ length: shares }, (_, index) =>
      bought(index + 1, index + 1 === shares ? lastMs : FIRST_MS + (index + 1) * 1_000),
    ),
  };
}

/**
 * Where nobody listens, whatever else runs on the machine: a port that was only free a moment ago may be another test's
 * by now. Ports below 1024 are given out to nobody that asks for any.
 */
export const NOBODY = "http://127.0.0.1:2";
