// The mirror on a real disk: links, modes, encodings, what a crash left. And the files in memory that other tests
// use, held against the real ones.
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror } from "../../../test/support/mirror-change.ts";
import type { Files } from "../../runtime/index.ts";
import { realFiles } from "../../runtime/real.ts";

const root = mkdtempSync(join(tmpdir(), "trueup-disk-"));
after(() => rmSync(root, { recursive: true }));

function newFolder(): string {
  return mkdtempSync(join(root, "folder-"));
}

const BEFORE = '{\r\n  "AAPL": {"qty": 5},\r\n  "TSLA": {"qty": 1.0}\r\n}\r\n';
const AFTER = '{\r\n  "TSLA": {"qty": 1.0}\r\n}\r\n';

async function removeApple(path: string) {
  const mirror = jsonMirror(realFiles, { path });
  const { version } = await mirror.read();
  return mirror.write([changeTo("removed", "AAPL")], version);
}

describe("a file on disk", () => {
  test("is replaced with its mode, and the old one is kept beside it", async () => {
    for (const mode of [0o600, 0o640, 0o666]) {
      const folder = newFolder();
      const path = join(folder, "bot.json");
      writeFileSync(path, BEFORE);
      chmodSync(path, mode);
      const { ino } = statSync(path);
      const result = await removeApple(path);
      assert.equal(result.kind, "written");
      assert.equal(readFileSync(path, "utf8"), AFTER);
      assert.equal(statSync(path).mode & 0o777, mode);
      assert.equal(readdirSync(folder).length, 2);
      const kept = result.backup ?? "";
      assert.equal(readFileSync(kept, "utf8"), BEFORE);
      assert.equal(statSync(kept).ino, ino, "the old file itself, not a copy of it");
    }
  });

  test("keeps its owner, where trueup may write for others", { skip: process.getuid?.() !== 0 }, async () => {
    const path = join(newFolder(), "bot.json");
    writeFileSync(path, BEFORE);
    chownSync(path, 12_345, 23_456);
    assert.equal((await removeApple(path)).kind, "written");
    assert.deepEqual([statSync(path).uid, statSync(path).gid], [12_345, 23_456]);
  });

  test("behind a link is replaced, and the link stays", async () => {
    const folder = newFolder();
    const [real, link] = [join(newFolder(), "real.json"), join(folder, "bot.json")];
    writeFileSync(real, BEFORE);
    symlinkSync(real, link);
    const result = await removeApple(link);
    assert.equal(result.kind, "written");
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readlinkSync(link), real);
    assert.equal(readFileSync(real, "utf8"), AFTER);
    assert.deepEqual(readdirSync(folder), ["bot.json"]);
    assert.ok(result.backup?.startsWith(real));
  });

  test("with a byte order mark keeps it, and its line ends", async () => {
    const path = join(newFolder(), "bot.json");
    writeFileSync(path, `\uFEFF${BEFORE}`);
    assert.equal((await removeApple(path)).kind, "written");
    assert.deepEqual(readFileSync(path), Buffer.from(`\uFEFF${AFTER}`));
  });

  test("that is not UTF-8 is unavailable, says in which line, and stays as it is", async () => {
    for (const [bytes, line] of [
      [Buffer.from('{\n"A": {"qty": 1,\n"x": "caf\u00e9"}}', "latin1"), 3],
      [Buffer.from("\uFEFF{}", "utf16le"), 1],
      [Buffer.concat([Buffer.from('{"A": "'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]), 1],
      [Buffer.concat([Buffer.from('{}\n"'), Buffer.from([0xc3])]), 2],
    ] as const) {
      const path = join(newFolder(), "bot.json");
      writeFileSync(path, bytes);
      const mirror = jsonMirror(realFiles, { path });
      const read = await mirror.read();
      assert.equal(read.quality, "unavailable");
      assert.ok(read.problem?.startsWith(`${path} is not UTF-8: line ${line} has a byte`), read.problem);
      assert.equal((await mirror.write([], read.version)).kind, "failed");
      assert.deepEqual(readFileSync(path), bytes);
    }
  });

  test("may have the character that stands for broken ones, as its own", async () => {
    const path = join(newFolder(), "bot.json");
    writeFileSync(path, '{"A": {"qty": 1, "x": "\uFFFD"}}');
    assert.deepEqual((await jsonMirror(realFiles, { path }).read()).rows[0]?.metadata, { x: "\uFFFD" });
  });

  test("is none where the path is a folder, or leads through a file", async () => {
    const folder = newFolder();
    const asFolder = await jsonMirror(realFiles, { path: folder }).read();
    assert.equal(
      asFolder.problem,
      `${folder} is not a file; correct the path; trueup changes nothing and looks again at every pass`,
    );
    writeFileSync(join(folder, "file"), "");
    const through = await jsonMirror(realFiles, { path: join(folder, "file", "bot.json") }).read();
    assert.match(through.problem ?? "", /^there is no file/);
  });

  test("is replaced also where a crash left a new one behind, and a link laid there is not followed", async () => {
    const folder = newFolder();
    const path = join(folder, "bot.json");
    const victim = join(folder, "victim");
    writeFileSync(victim, "untouched");
    writeFileSync(path, BEFORE);
    writeFileSync(`${path}.trueup-new`, '{"half": ');
    assert.equal((await removeApple(path)).kind, "written");
    writeFileSync(path, BEFORE);
    symlinkSync(victim, `${path}.trueup-new`);
    assert.equal((await removeApple(path)).kind, "written");
    assert.equal(readFileSync(victim, "utf8"), "untouched");
    assert.equal(readFileSync(path, "utf8"), AFTER);
    assert.ok(!readdirSync(folder).includes("bot.json.trueup-new"));
  });

  test("that cannot take the place of what is there leaves nothing behind", () => {
    const folder = newFolder();
    mkdirSync(join(folder, "taken"));
    assert.throws(() => realFiles.replace(join(folder, "taken"), "text"), { name: "FileError" });
    assert.throws(() => realFiles.prepare(join(folder, "no", "such", "file"), "text"), { code: "ENOENT" });
    assert.deepEqual(readdirSync(folder), ["taken"]);
  });
});

/** The same steps on any files below `folder`; what they answer, without what differs from disk to disk. */
function trace(files: Files, folder: string): unknown[] {
  const path = `${folder}/a.json`;
  const kept = `${folder}/a.json.kept`;
  const seen: unknown[] = [];
  const texts = () => files.list(folder).map((name) => [name, files.read(`${folder}/${name}`)?.text]);
  const inodeOf = (name: string) => files.read(name)?.inode ?? "none";
  seen.push(files.read(path), files.resolve(path), files.list(folder), files.list(`${folder}/none`));
  files.replace(path, "one");
  seen.push(texts());
  files.link(path, kept);
  seen.push(texts(), inodeOf(path) === inodeOf(kept));
  const prepared = files.prepare(path, "two");
  seen.push(prepared.slice(folder.length), texts());
  seen.push(
    files.moveOver(prepared, path, "another"),
    files.moveOver(prepared, `${folder}/none`, inodeOf(path)),
  );
  seen.push(texts(), files.moveOver(prepared, path, inodeOf(path)), texts(), inodeOf(path) === inodeOf(kept));
  files.link(path, kept);
  seen.push(texts(), inodeOf(path) === inodeOf(kept));
  files.replace(path, "three");
  seen.push(texts(), files.moveOver(kept, path, inodeOf(path)), texts());
  files.remove(path);
  files.remove(path);
  seen.push(texts());
  return seen;
}

test("the files in memory answer as those on disk do", () => {
  const disk = newFolder();
  const normal = (seen: unknown[], folder: string) => JSON.stringify(seen).replaceAll(folder, "F");
  const onDisk = normal(trace(realFiles, disk), disk);
  assert.equal(normal(trace(new MemoryFiles(), "memory"), "memory"), onDisk);
  assert.match(onDisk, /three/);
  for (const [files, folder] of [
    [realFiles, disk],
    [new MemoryFiles(), "memory"],
  ] as const) {
    assert.throws(() => files.link(`${folder}/none`, `${folder}/kept`), {
      name: "FileError",
      code: "ENOENT",
    });
  }
});
