// Kill and orders against a daemon that hangs: latched at once, told of within five seconds, under a clock of our own. A daemon
// that lives and waits for its venue is waited for.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { runCli } from "../../src/cli/program.ts";
import { takeLock } from "../../src/daemon/lock.ts";
import type { Parts } from "../../src/daemon/parts.ts";
import { writeSecret } from "../../src/daemon/state-dir.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import {
  type Cleaning,
  CONFIG,
  eventually,
  type Folder,
  openFolder,
  paperAccount,
  writeConfig,
} from "./support.ts";

interface Asked {
  readonly path: string;
  readonly answer: (body: object) => void;
}

/** The API of a daemon that takes every request and answers none by itself. */
class SilentDaemon {
  readonly requests: Asked[] = [];
  private readonly waiting = new Set<() => void>();

  static async start(t: Cleaning): Promise<{ daemon: SilentDaemon; folder: Folder }> {
    const daemon = new SilentDaemon();
    const server = createServer((request, response) => daemon.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const folder = openFolder(t);
    const config = writeConfig(folder, { accounts: [paperAccount("main")] });
    const stateDir = folder.at("state");
    folder.write("state/trueup.lock", "");
    const unlock = takeLock(stateDir);
    t.after(() => unlock?.());
    const { port } = server.address() as AddressInfo;
    const facts = { pid: process.pid, url: `http://127.0.0.1:${port}`, config, stateDir, version: "0" };
    writeSecret(folder.at("state/daemon.json"), JSON.stringify(facts));
    writeSecret(folder.at("state/api.token"), `tru_${"0".repeat(43)}`);
    return { daemon, folder };
  }

  /** The request after so many others, when it has come. */
  async request(number: number): Promise<Asked> {
    while (this.requests.length < number) await new Promise<void>((resolve) => this.waiting.add(resolve));
    return this.requests[number - 1] as Asked;
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push({
      path: request.url ?? "",
      answer: (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body)),
    });
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

interface Run {
  readonly runtime: VirtualRuntime;
  readonly ended: Promise<number>;
  readonly told: { stdout: string; stderr: string };
}

const kill = (folder: Folder): Run => run(folder, ["kill", "--reason", "drill"]);

function run(folder: Folder, command: readonly string[]): Run {
  const runtime = new VirtualRuntime(Date.UTC(2026, 0, 5, 15));
  const told = { stdout: "", stderr: "" };
  const io = {
    stdout: (text: string) => {
      told.stdout += text;
    },
    stderr: (text: string) => {
      told.stderr += text;
    },
    env: { USER: "tester", LANG: "C.UTF-8" },
    cwd: folder.path,
    isTty: false,
  };
  // Nothing but the clock is needed: what the latch is written with is the system's own.
  const parts = { version: "0", runtime } as unknown as Parts;
  const ended = runCli([...command, "--config", folder.at(CONFIG)], parts, io);
  return { runtime, ended, told };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("kill", () => {
  test("against a daemon that hangs says within 5 s that it is latched, and ends with 69", async (t) => {
    const { daemon, folder } = await SilentDaemon.start(t);
    const { runtime, ended, told } = kill(folder);
    assert.equal((await daemon.request(1)).path, "/v1/kill");
    assert.ok(folder.has("state/kill-main.json"), "latched before the daemon was asked");
    await runtime.advance(3_000, turn);
    assert.equal((await daemon.request(2)).path, "/v1/health");
    await runtime.advance(2_000, turn);
    assert.equal(await ended, 69);
    assert.match(told.stdout, /^main: killed, latched: the daemon does not answer/);
    assert.match(told.stderr, /The daemon with pid \d+ does not answer at .*: no answer within 5 s/);
    assert.ok(folder.has("state/kill-main.json"));
  });

  test("against a daemon that lives waits for what it did at the venue, and says so", async (t) => {
    const { daemon, folder } = await SilentDaemon.start(t);
    const { runtime, ended, told } = kill(folder);
    const asked = await daemon.request(1);
    await runtime.advance(3_000, turn);
    (await daemon.request(2)).answer({ accounts: [] });
    await eventually(() => told.stderr !== "");
    assert.match(told.stderr, /^trueup: latched, and the daemon is at work/);
    await runtime.advance(20_000, turn);
    const done = {
      account: "main",
      isEngaged: true,
      canceled: [],
      canceledAll: [],
      uncancelable: [],
      problem: null,
    };
    asked.answer({ accounts: [done] });
    assert.equal(await ended, 0);
    assert.match(told.stdout, /^main: killed; 0 orders asked to be cancelled/);
  });
});

describe("an order", () => {
  test("that a hung daemon was asked for is told within 5 s as one that may have left, with the id to ask by", async (t) => {
    const { daemon, folder } = await SilentDaemon.start(t);
    const order = ["order", "submit", "-i", "AAPL", "--side", "buy", "--qty", "1"];
    const { runtime, ended, told } = run(folder, order);
    assert.equal((await daemon.request(1)).path, "/v1/orders");
    await runtime.advance(3_000, turn);
    assert.equal((await daemon.request(2)).path, "/v1/health");
    await runtime.advance(2_000, turn);
    assert.equal(await ended, 69);
    assert.match(
      told.stderr,
      /no answer within 5 s.* may have reached the venue: .* with --id cli-[0-9a-f]{24}, /,
    );
  });
});
