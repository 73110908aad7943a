// The demo through the command line, in real time and as fast as it goes: a story to its end, a second one beside it, an
// end in the middle, and what is asked wrongly.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openFolder } from "./support.ts";

const FAST = ["--speed", "100"];

describe("the demo", { concurrency: 3 }, () => {
  test("the story is told to its end, line by line in a pipe, and adds up", async (t) => {
    const folder = openFolder(t);
    const { code, stdout, stderr } = await folder.run(["demo", "--once", "--seed", "5", ...FAST]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /^scenario story, seed 5, speed 100/);
    // Nothing is redrawn where nobody looks at a screen.
    assert.equal(stdout.includes("\u001b"), false);
    for (const act of ["A lost fill", "A manual close", "A phantom", "Open and closed", "A silent stream"]) {
      assert.match(stdout, new RegExp(`^\\d\\. ${act}`, "m"));
    }
    assert.match(stdout, /^It adds up:$/m);
    assert.match(stdout, / found = \d+ repaired \+ \d+ explained \+ \d+ gone by themselves \+ 0 open$/m);
    assert.match(stdout, /ended cleanly\n$/);
    assert.doesNotMatch(stdout, /PROBLEM|IS NOT/);
    // What it left can be looked into like any other account.
    const verify = await folder.json(["journal", "verify", "--config", ".trueup/demo/trueup.toml"]);
    assert.equal(verify.code, 0);
  });

  test("a second demo in the folder leaves the running one alone; Ctrl-C ends that cleanly with 130", async (t) => {
    const folder = openFolder(t);
    const child = folder.spawn(["demo", "--seed", "5", "--speed", "1"]);
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let shown = "";
    await new Promise<void>((resolve) => {
      child.stdout?.on("data", (part: Buffer) => {
        shown += part.toString("utf8");
        if (/^1\. /m.test(shown)) resolve();
      });
    });
    const second = await folder.run(["demo", "--once", ...FAST]);
    assert.equal(second.code, 75);
    assert.match(second.stderr, new RegExp(`A demo \\(pid ${child.pid}\\) is at work in this folder`));
    assert.match(second.stderr, /another folder\.$/m);
    assert.match((await folder.run(["status"])).stdout, /daemon running/);
    assert.ok(folder.has(".trueup/demo/state/journal.db") && folder.has(".trueup/demo/momo.json"));
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.match(shown, /ended cleanly\n$/);
    // And the next one finds the folder free.
    const next = await folder.run(["demo", "--once", "--scenario", "stock-bot", ...FAST]);
    assert.equal(next.code, 0, next.stdout + next.stderr);
  });

  test("what is asked wrongly is a usage error that names what is there, and starts nothing", async (t) => {
    const folder = openFolder(t);
    for (const [args, said] of [
      [
        ["--scenario", "stok-bot"],
        /Did you mean "stock-bot"\? There are: story, stock-bot, prediction-market/,
      ],
      [["--seed", "x"], /"x" is no seed/],
      [["--speed", "0"], /"0" is no speed/],
    ] as const) {
      const { code, stderr, stdout } = await folder.run(["demo", ...args]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, said);
    }
    assert.equal(folder.has(".trueup"), false);
  });

  test("the list has the default story and the five incidents, and starts nothing", async (t) => {
    const folder = openFolder(t);
    const { code, stdout } = await folder.run(["demo", "--list"]);
    assert.equal(code, 0);
    const names = [...stdout.matchAll(/^ {2}([\w-]+) {2,}\S/gm)].map((match) => match[1]);
    assert.deepEqual(names, [
      "story",
      "stock-bot",
      "prediction-market",
      "phantom-rows",
      "between-checks",
      "order-desync",
    ]);
    assert.equal(folder.has(".trueup"), false);
  });
});
