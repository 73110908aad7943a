// Reading a configuration from the disk: a file that two mirrors name is one file, also through links.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "./config-file.ts";
import type { Surroundings } from "./parts.ts";

const folder = mkdtempSync(join(tmpdir(), "trueup-config-"));
after(() => rmSync(folder, { recursive: true }));
const io: Surroundings = { env: {}, cwd: folder };

test("[R12] two mirrors on one file are refused, also through a link to it or to its folder", () => {
  mkdirSync(join(folder, "bot"));
  writeFileSync(join(folder, "bot", "p.json"), "{}");
  symlinkSync(join(folder, "bot", "p.json"), join(folder, "linked.json"));
  symlinkSync(join(folder, "bot"), join(folder, "linked"));
  const load = (one: string, other: string) => {
    const mirror = (name: string, path: string) =>
      `[[accounts.a.mirrors]]\nname = "${name}"\ntype = "json-file"\npath = "${path}"\n`;
    const text = `state_dir = "s"\n[accounts.a]\nvenue = "paper"\n${mirror("x", one)}${mirror("y", other)}`;
    writeFileSync(join(folder, "trueup.toml"), text);
    return () => loadConfig(io, undefined);
  };
  for (const [one, other] of [
    ["bot/p.json", "./bot/p.json"],
    ["bot/p.json", join(folder, "bot", "p.json")],
    ["bot/p.json", "linked.json"],
    ["bot/p.json", "linked/p.json"],
    ["bot/later.json", "linked/later.json"],
  ] as const) {
    assert.throws(load(one, other), { code: "config_invalid", message: /could both own a row/ }, other);
  }
  assert.doesNotThrow(load("bot/p.json", "bot/q.json"));
});

test("a configuration that cannot be read is told with what to do", () => {
  for (const [name, reason] of [
    ["nowhere.toml", /there is no such file/],
    ["bot", /it is a directory, not a file/],
  ] as const) {
    assert.throws(() => loadConfig(io, name), { code: "config_missing", message: reason });
    assert.throws(() => loadConfig(io, name), { message: /trueup init/ });
  }
});
