// The exchange of the file while a bot may write it at any moment: nothing of the bot's is lost without a word,
// old files are kept, and nothing of ours is left behind.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryFiles, watched } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror, NOON_MS } from "../../../test/support/mirror-change.ts";
import { FileError, type Files } from "../../runtime/index.ts";

const BEFORE = '{"AAPL": {"qty": 5}, "TSLA": {"qty": 1}}';
const AFTER = '{"TSLA": {"qty": 1}}';
const BOTS = '{"AAPL": {"qty": 5}, "TSLA": {"qty": 1}, "NVDA": {"qty": 3, "why": "a signal"}}';
const REMOVAL = [changeTo("removed", "AAPL")];
const FIRST_BACKUP = "bot.json.trueup-0000001-20260105T120000000Z.bak";

function filesWith(text: string): MemoryFiles {
  const files = new MemoryFiles();
  files.install("bot.json", text);
  return files;
}

/** Removes AAPL, with something happening before each call to the files once the writing has begun. */
async function removeApple(files: MemoryFiles, before: (call: keyof Files, count: number) => void) {
  let isWriting = false;
  let calls = 0;
  const seam = watched(files, (call) => {
    if (!isWriting) return;
    calls += 1;
    before(call, calls);
  });
  const mirror = jsonMirror(seam);
  const { version } = await mirror.read();
  isWriting = true;
  const result = await mirror.write(REMOVAL, version);
  isWriting = false;
  return { result, calls, mirror };
}

describe("a bot that writes while its file is replaced", () => {
  const manners = [
    { name: "in place", write: (files: MemoryFiles, text: string) => files.overwrite("bot.json", text) },
    { name: "by rename", write: (files: MemoryFiles, text: string) => files.install("bot.json", text) },
  ];
  for (const { name, write } of manners) {
    test(`${name}, before any of the steps: what it wrote is in its file, or where the answer says`, async () => {
      const { calls } = await removeApple(filesWith(BEFORE), () => undefined);
      assert.ok(calls >= 8, "the steps are there to be interrupted");
      for (let step = 1; step <= calls; step += 1) {
        const files = filesWith(BEFORE);
        const { result } = await removeApple(files, (_, count) => {
          if (count === step) write(files, BOTS);
        });
        const inPlace = files.read("bot.json")?.text;
        const told =
          result.kind === "conflict" ? files.names().filter((one) => result.detail.includes(one)) : [];
        const kept = told.map((one) => files.read(one)?.text);
        assert.ok(inPlace === BOTS || kept.includes(BOTS), `step ${step}: ${result.kind}`);
        if (result.kind === "conflict")
          assert.equal(inPlace, BOTS, `step ${step}: nothing of ours was written`);
        else assert.equal(result.kind === "written" && files.read(result.backup ?? "")?.text, BEFORE);
        assert.ok(!files.names().includes("bot.json.trueup-new"), `step ${step} leaves nothing behind`);
      }
    });
  }

  test("into the old file right before the rename gets its file back, with whatever it still writes", async () => {
    const files = filesWith(BEFORE);
    const open = files.hold("bot.json");
    const { result } = await removeApple(files, (call) => {
      if (call === "moveOver") open.write("");
    });
    assert.equal(result.kind, "conflict");
    assert.match(
      result.detail,
      /the bot wrote bot\.json while it was being replaced; the bot's file was put back/,
    );
    open.write(BOTS);
    assert.equal(files.read("bot.json")?.text, BOTS);
    assert.deepEqual(files.names(), ["bot.json"]);
  });

  test("into the old file and then into the new one finds both: its file, and the kept one that the answer names", async () => {
    const files = filesWith(BEFORE);
    const open = files.hold("bot.json");
    const { result } = await removeApple(files, (call) => {
      if (call !== "moveOver") return;
      open.write(BOTS);
      const moveOver = files.moveOver.bind(files);
      files.moveOver = (...parts) => {
        const isMoved = moveOver(...parts);
        files.overwrite("bot.json", '{"later": {"qty": 1}}');
        return isMoved;
      };
    });
    assert.equal(result.kind, "conflict");
    assert.ok(result.detail.includes(`what it wrote first is kept in ${FIRST_BACKUP}`), result.detail);
    assert.equal(files.read("bot.json")?.text, '{"later": {"qty": 1}}');
    assert.equal(files.read(FIRST_BACKUP)?.text, BOTS);
  });

  test("into the old file long after it was replaced is told at the next look, once for each change", async () => {
    const files = filesWith(BEFORE);
    const open = files.hold("bot.json");
    const { result, mirror } = await removeApple(files, () => undefined);
    assert.equal(result.kind, "written");
    assert.equal((await mirror.read()).quality, "complete");
    open.write(BOTS);
    const late = await mirror.read();
    assert.equal(late.quality, "unavailable");
    assert.ok(
      late.problem?.includes(`what it wrote is in ${FIRST_BACKUP}: compare it with bot.json`),
      late.problem,
    );
    assert.equal((await mirror.read()).quality, "complete");
    open.write("");
    assert.equal((await mirror.read()).quality, "unavailable");
  });

  test("so that nothing is to be changed any more is a conflict before anything is prepared", async () => {
    const files = filesWith(BEFORE);
    const calls: string[] = [];
    const { result } = await removeApple(files, (call, count) => {
      calls.push(call);
      if (count === 1) files.install("bot.json", AFTER);
    });
    assert.equal(result.kind, "conflict");
    assert.match(result.detail, /^bot\.json changed after it was read; nothing was written/);
    assert.deepEqual(calls, ["resolve", "read"]);
  });

  test("in place before the old file is kept is seen before anything of its is replaced", async () => {
    const files = filesWith(BEFORE);
    const calls: string[] = [];
    const { result } = await removeApple(files, (call) => {
      calls.push(call);
      if (call === "link") files.overwrite("bot.json", BOTS);
    });
    assert.equal(result.kind, "conflict");
    assert.ok(calls.includes("link") && !calls.includes("moveOver"));
    assert.deepEqual(files.names(), ["bot.json"]);
  });

  test("by deleting it is a conflict, and the file is not made again", async () => {
    for (const step of ["resolve", "moveOver"] as const) {
      const files = filesWith(BEFORE);
      const { result } = await removeApple(files, (call) => {
        if (call === step) files.remove("bot.json");
      });
      assert.equal(result.kind, "conflict", step);
      assert.deepEqual(files.names(), []);
    }
  });
});

describe("a step that fails", () => {
  test("leaves the bot's file as it was, and nothing beside it", async () => {
    const { calls } = await removeApple(filesWith(BEFORE), () => undefined);
    const failing: string[] = [];
    for (let step = 1; step <= calls; step += 1) {
      const files = filesWith(BEFORE);
      let isBroken = true;
      const { result } = await removeApple(files, (call, count) => {
        if (count !== step || !isBroken || call === "remove") return;
        isBroken = false;
        failing.push(call);
        throw new FileError("ENOSPC", `could not ${call}: ENOSPC: no space left on device`);
      });
      const isReplaced = files.read("bot.json")?.text === AFTER;
      assert.ok(isReplaced || files.read("bot.json")?.text === BEFORE);
      if (!isReplaced) assert.deepEqual(files.names(), ["bot.json"], `after ${failing.at(-1)} failed`);
      if (!isReplaced) assert.equal(result.kind, "failed");
      if (result.kind === "failed") assert.match(result.detail, /ENOSPC/);
      // Once it was replaced the old one is there, whatever else went wrong.
      if (isReplaced) assert.equal(files.read(FIRST_BACKUP)?.text, BEFORE);
    }
    for (const call of ["resolve", "read", "prepare", "list", "link", "moveOver"])
      assert.ok(failing.includes(call), call);
  });
});

test("trouble after the rename leaves the old file where it is kept", async () => {
  const files = filesWith(BEFORE);
  const moveOver = files.moveOver.bind(files);
  files.moveOver = (...parts) => {
    moveOver(...parts);
    throw new FileError("EIO", "could not replace bot.json: EIO: the folder could not be synced");
  };
  const { result } = await removeApple(files, () => undefined);
  assert.deepEqual(result, {
    kind: "failed",
    detail: "could not replace bot.json: EIO: the folder could not be synced",
  });
  assert.equal(files.read("bot.json")?.text, AFTER);
  assert.equal(files.read(FIRST_BACKUP)?.text, BEFORE);
});

describe("old files", () => {
  test("are kept beside the new one, numbered, as many as are asked for, the oldest going first", async () => {
    const files = filesWith('{"A": {"qty": 0}}');
    let nowMs = NOON_MS;
    const mirror = jsonMirror(files, { backups: 3, clock: { nowMs: () => nowMs } });
    for (let round = 1; round <= 12; round += 1) {
      // The clock goes back in between; the order of the copies does not depend on it.
      nowMs += round % 4 === 0 ? -86_400_000 : 1_000;
      const { version } = await mirror.read();
      const result = await mirror.write([changeTo("corrected", "A", { qty: `${round}` })], version);
      assert.equal(result.kind, "written");
      assert.equal(files.read(result.backup ?? "")?.text, `{"A": {"qty": ${round - 1}}}`);
    }
    const kept = files.names().filter((name) => name !== "bot.json");
    assert.deepEqual(
      kept.map((name) => name.slice(0, "bot.json.trueup-0000000".length)),
      ["bot.json.trueup-0000010", "bot.json.trueup-0000011", "bot.json.trueup-0000012"],
    );
    assert.deepEqual(
      kept.map((name) => files.read(name)?.text),
      [9, 10, 11].map((qty) => `{"A": {"qty": ${qty}}}`),
    );
  });

  test("are numbered on past the digits that their names begin with", async () => {
    const files = filesWith(BEFORE);
    const [older, newer] = ["bot.json.trueup-9999999-x.bak", "bot.json.trueup-10000000-x.bak"];
    for (const name of [older, newer]) files.install(name, "old");
    const mirror = jsonMirror(files, { backups: 2 });
    const result = await mirror.write(REMOVAL, (await mirror.read()).version);
    const backup = "bot.json.trueup-10000001-20260105T120000000Z.bak";
    assert.deepEqual(result, { kind: "written", backup });
    assert.deepEqual(files.names(), ["bot.json", newer, backup]);
  });

  test("of other files and by other hands are not counted and not cleared away", async () => {
    const files = filesWith(BEFORE);
    const others = [
      "bot.json.bak",
      "bot.json.trueup-note",
      "bot.json.trueup-1.txt",
      "xbot.json.trueup-0000001-x.bak",
      "other/bot.json.trueup-0000009-x.bak",
    ];
    for (const name of others) files.install(name, "mine");
    const { result } = await removeApple(files, () => undefined);
    assert.deepEqual(result, { kind: "written", backup: FIRST_BACKUP });
    for (const name of others) assert.equal(files.read(name)?.text, "mine");
  });

  test("that cannot be cleared away stop the write before anything is changed", async () => {
    const files = filesWith(BEFORE);
    files.install("bot.json.trueup-0000001-x.bak", "old");
    const remove = files.remove.bind(files);
    files.remove = (path) => {
      if (path.endsWith(".bak")) throw new FileError("EPERM", `could not remove ${path}: EPERM`);
      remove(path);
    };
    const mirror = jsonMirror(files, { backups: 1 });
    const result = await mirror.write(REMOVAL, (await mirror.read()).version);
    assert.equal(result.kind, "failed");
    assert.match(result.detail, /could not remove bot\.json\.trueup-0000001-x\.bak/);
    assert.equal(files.read("bot.json")?.text, BEFORE);
    assert.ok(!files.names().includes("bot.json.trueup-new"));
  });

  test("are not made by a write that changes nothing", async () => {
    const files = filesWith(BEFORE);
    const mirror = jsonMirror(files);
    const { version } = await mirror.read();
    const same = changeTo("corrected", "AAPL", { qty: "5" });
    assert.deepEqual(await mirror.write([same], version), { kind: "written", backup: null });
    assert.deepEqual(files.names(), ["bot.json"]);
  });

  test("stand beside the file itself where the path is a link, which stays one", async () => {
    const files = new MemoryFiles();
    files.install("data/real.json", BEFORE);
    files.symlink("data/real.json", "bot.json");
    const { result } = await removeApple(files, () => undefined);
    assert.deepEqual(result, {
      kind: "written",
      backup: "data/real.json.trueup-0000001-20260105T120000000Z.bak",
    });
    assert.equal(files.read("data/real.json")?.text, AFTER);
    assert.equal(files.resolve("bot.json"), "data/real.json");
  });
});
