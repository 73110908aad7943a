// The mirror's contract, held against every kind of store: the same sentences must be true of each (R12).
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { decimal, type MirrorRow } from "../../src/core/index.ts";
import type { Mirror } from "../../src/mirrors/index.ts";
import type { JsonFileOptions } from "../../src/mirrors/json-file/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { realFiles } from "../../src/runtime/real.ts";
import { MemoryFiles } from "../support/memory-files.ts";
import { changeTo, jsonMirror } from "../support/mirror-change.ts";

const folder = mkdtempSync(join(tmpdir(), "trueup-mirror-"));
after(() => rmSync(folder, { recursive: true }));
let opened = 0;

/** A row without a row id: that is the store's. */
interface Plain {
  readonly instrument: string;
  readonly qty: string | null;
  readonly entryPrice?: string;
  /** Its quantity is none. */
  readonly isBroken?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

interface Flags {
  readonly mayAdd?: boolean;
  readonly demandsVenueReference?: boolean;
}

interface Opened {
  readonly mirror: Mirror;
  /** The bot writes its store anew. */
  readonly botWrites: (rows: readonly Plain[]) => void;
}

type Open = (rows: readonly Plain[], flags?: Flags) => Opened;

const APPLE = { instrument: "AAPL", qty: "5", entryPrice: "187.25", metadata: { entry_score: 0.82 } };
const BITCOIN = {
  instrument: "BTC/USDT:USDT",
  qty: "-0.015",
  entryPrice: "64000.5",
  metadata: { tags: ["fast", { depth: null }], note: "ünï", isHot: true },
};
const TESLA = { instrument: "TSLA", qty: "12", metadata: {} };
const ROWS: readonly Plain[] = [APPLE, BITCOIN, TESLA];

const openMemory: Open = (rows, flags) => {
  const asRows = (plain: readonly Plain[]): MirrorRow[] =>
    plain.map(({ instrument, qty, entryPrice, metadata = {}, isBroken = false }, index) => ({
      rowId: `${index}`,
      instrument,
      leg: "net",
      qty: qty === null || isBroken ? null : decimal(qty),
      ...(isBroken && { problem: { code: "row_quantity", detail: "the quantity is none" } }),
      ...(entryPrice !== undefined && { entryPrice: decimal(entryPrice) }),
      metadata,
    }));
  const mirror = new MemoryMirror({ name: "bot", rows: asRows(rows), ...flags });
  return { mirror, botWrites: (plain) => mirror.set(asRows(plain)) };
};

interface Store {
  readonly path: string;
  readonly files: JsonFileOptions["files"];
  readonly put: (text: string) => void;
}

function memoryStore(): Store {
  const files = new MemoryFiles();
  return { path: "bot.json", files, put: (text) => files.overwrite("bot.json", text) };
}

function diskStore(): Store {
  opened += 1;
  const path = join(folder, `bot-${opened}.json`);
  return { path, files: realFiles, put: (text) => writeFileSync(path, text) };
}

/** Written by hand and not by JSON.stringify of an object: a key may stand twice. */
function objectText(rows: readonly Plain[]): string {
  const members = rows.map(({ instrument, ...row }) => `  ${JSON.stringify(instrument)}: ${rowText(row)}`);
  return `{\n${[...members, '  "_meta": {"version": 3}'].join(",\n")}\n}\n`;
}

function arrayText(rows: readonly Plain[]): string {
  const elements = rows.map(({ instrument, ...row }) => rowText({ symbol: instrument, ...row }));
  return `{"updated": 1.0, "book": {"positions": [${elements.join(", ")}]}}`;
}

function rowText({
  symbol,
  qty,
  isBroken,
  entryPrice,
  metadata,
}: Omit<Plain, "instrument"> & { symbol?: string }): string {
  const fields = { symbol, entry: entryPrice, ...metadata };
  return JSON.stringify(qty === null ? fields : { ...fields, qty: isBroken ? "none" : qty });
}

function openJson(
  store: () => Store,
  toText: (rows: readonly Plain[]) => string,
  layout: Partial<JsonFileOptions>,
): Open {
  return (rows, flags) => {
    const { path, files, put } = store();
    put(toText(rows));
    const hasQuantities = rows.some(({ qty }) => qty !== null);
    const { quantity, ...presence } = { quantity: "qty", entry_price: "entry", ...layout.fields };
    const fields = hasQuantities ? { quantity, ...presence } : presence;
    const mirror = jsonMirror(files, { ...layout, ...flags, path, fields });
    return { mirror, botWrites: (plain) => put(toText(plain)) };
  };
}

const ARRAY: Partial<JsonFileOptions> = {
  shape: { kind: "array" },
  at: "book.positions",
  fields: { instrument: "symbol" },
};

const stores: readonly { readonly name: string; readonly open: Open }[] = [
  { name: "memory", open: openMemory },
  { name: "json-file (object, in memory)", open: openJson(memoryStore, objectText, {}) },
  { name: "json-file (array, in memory)", open: openJson(memoryStore, arrayText, ARRAY) },
  { name: "json-file (object, on disk)", open: openJson(diskStore, objectText, {}) },
  { name: "json-file (array, on disk)", open: openJson(diskStore, arrayText, ARRAY) },
];

/** What a mirror shows, without row ids, by symbol; rows of one symbol stay in their order. */
async function shownBy(mirror: Mirror): Promise<Plain[]> {
  const { quality, rows } = await mirror.read();
  assert.equal(quality, "complete");
  return sorted(
    rows.map(({ instrument, qty, entryPrice, metadata, problem }) => {
      assert.equal(problem, undefined);
      return { instrument, qty, ...(entryPrice !== undefined && { entryPrice }), metadata };
    }),
  );
}

function sorted(rows: readonly Plain[]): Plain[] {
  return rows.toSorted((a, b) => (a.instrument < b.instrument ? -1 : a.instrument > b.instrument ? 1 : 0));
}

async function idOf(mirror: Mirror, instrument: string): Promise<string> {
  const { rows } = await mirror.read();
  const row = rows.find((one) => one.instrument === instrument);
  assert.ok(row, `the mirror has a row of ${instrument}`);
  return row.rowId;
}

async function versionOf(mirror: Mirror): Promise<string> {
  return (await mirror.read()).version;
}

for (const { name, open } of stores) {
  describe(`the mirror ${name}`, () => {
    test("shows every row with its quantity, its price and the bot's own fields", async () => {
      assert.deepEqual(await shownBy(open(ROWS).mirror), sorted(ROWS));
    });

    test("has one version while nobody writes, and another one after the bot wrote", async () => {
      const { mirror, botWrites } = open(ROWS);
      const version = await versionOf(mirror);
      assert.equal(await versionOf(mirror), version);
      botWrites([APPLE]);
      assert.notEqual(await versionOf(mirror), version);
      assert.deepEqual(await shownBy(mirror), [APPLE]);
    });

    test("no longer shows a row that was removed, and the others as they were", async () => {
      for (const gone of ROWS) {
        const { mirror } = open(ROWS);
        const change = changeTo("removed", gone.instrument, { rowId: await idOf(mirror, gone.instrument) });
        assert.equal((await mirror.write([change], await versionOf(mirror))).kind, "written");
        assert.deepEqual(await shownBy(mirror), sorted(ROWS.filter((row) => row !== gone)));
      }
    });

    test("is empty and complete after all rows were removed, and takes new ones", async () => {
      const { mirror } = open(ROWS);
      const { rows, version } = await mirror.read();
      const all = rows.map(({ instrument, rowId }) => changeTo("removed", instrument, { rowId }));
      assert.equal((await mirror.write(all, version)).kind, "written");
      assert.deepEqual(await shownBy(mirror), []);
      const back = changeTo("added", "TSLA", { qty: "12" });
      assert.equal((await mirror.write([back], await versionOf(mirror))).kind, "written");
      assert.deepEqual(await shownBy(mirror), [TESLA]);
    });

    test("[A4] shows a corrected row with its new quantity and price and all of the bot's own fields", async () => {
      const { mirror } = open(ROWS);
      const rowId = await idOf(mirror, BITCOIN.instrument);
      const change = changeTo("corrected", BITCOIN.instrument, { rowId, qty: "0.5", entryPrice: "70000" });
      assert.equal((await mirror.write([change], await versionOf(mirror))).kind, "written");
      const expected = { ...BITCOIN, qty: "0.5", entryPrice: "70000" };
      assert.deepEqual(await shownBy(mirror), sorted([APPLE, expected, TESLA]));
    });

    test("[R7] keeps the price of a corrected row where no new one is known", async () => {
      const { mirror } = open(ROWS);
      const change = changeTo("corrected", "AAPL", { rowId: await idOf(mirror, "AAPL"), qty: "6" });
      assert.equal((await mirror.write([change], await versionOf(mirror))).kind, "written");
      assert.deepEqual(await shownBy(mirror), sorted([{ ...APPLE, qty: "6" }, BITCOIN, TESLA]));
    });

    test("shows an added row with quantity, price and the fields that its life had", async () => {
      const { mirror } = open(ROWS);
      const metadata = { entry_score: 0.4, note: 'with "quotes" and \u2028 and \n' };
      const change = changeTo("added", "NVDA", { qty: "-3", entryPrice: "120.05", metadata });
      assert.equal((await mirror.write([change], await versionOf(mirror))).kind, "written");
      const expected = { instrument: "NVDA", qty: "-3", entryPrice: "120.05", metadata };
      assert.deepEqual(await shownBy(mirror), sorted([...ROWS, expected]));
    });

    test("removes, corrects and adds in one write, which changes the version", async () => {
      const { mirror } = open(ROWS);
      const version = await versionOf(mirror);
      const changes = [
        changeTo("removed", "AAPL", { rowId: await idOf(mirror, "AAPL") }),
        changeTo("corrected", "TSLA", { rowId: await idOf(mirror, "TSLA"), qty: "1" }),
        changeTo("added", "NVDA", { qty: "9" }),
      ];
      assert.equal((await mirror.write(changes, version)).kind, "written");
      const added = { instrument: "NVDA", qty: "9", metadata: {} };
      assert.deepEqual(await shownBy(mirror), sorted([BITCOIN, { ...TESLA, qty: "1" }, added]));
      assert.notEqual(await versionOf(mirror), version);
    });

    test("[R12] a write at a version that is no longer the store's is a conflict and changes nothing", async () => {
      const { mirror, botWrites } = open(ROWS);
      const version = await versionOf(mirror);
      const rowId = await idOf(mirror, "AAPL");
      botWrites([APPLE, BITCOIN]);
      const now = await versionOf(mirror);
      const result = await mirror.write([changeTo("removed", "AAPL", { rowId })], version);
      assert.equal(result.kind, "conflict");
      assert.deepEqual(await shownBy(mirror), sorted([APPLE, BITCOIN]));
      assert.equal(await versionOf(mirror), now);
    });

    test("a version that was written on is used up: the same write again is a conflict", async () => {
      const { mirror } = open(ROWS);
      const version = await versionOf(mirror);
      const change = changeTo("removed", "AAPL", { rowId: await idOf(mirror, "AAPL") });
      assert.equal((await mirror.write([change], version)).kind, "written");
      assert.equal((await mirror.write([change], version)).kind, "conflict");
    });

    test("makes all changes or none: one for a row that is not there stops the others", async () => {
      const { mirror } = open(ROWS);
      const version = await versionOf(mirror);
      for (const wrong of [
        changeTo("removed", "NVDA", { rowId: "no such row" }),
        changeTo("corrected", "NVDA", { rowId: "no such row", qty: "1" }),
        changeTo("corrected", "NVDA", { rowId: await idOf(mirror, "TSLA"), qty: "1" }),
        changeTo("added", "TSLA", { qty: "3" }),
      ]) {
        const good = changeTo("removed", "AAPL", { rowId: await idOf(mirror, "AAPL") });
        assert.equal((await mirror.write([good, wrong], version)).kind, "failed", wrong.action);
        assert.equal(await versionOf(mirror), version);
        assert.deepEqual(await shownBy(mirror), sorted(ROWS));
      }
    });

    test("[R9] changes both of two identical rows, so that they never contradict each other", async () => {
      const twins = [APPLE, BITCOIN, APPLE];
      const corrected = open(twins).mirror;
      assert.deepEqual(await shownBy(corrected), sorted(twins));
      const rowId = await idOf(corrected, "AAPL");
      const change = changeTo("corrected", "AAPL", { rowId, qty: "6" });
      assert.equal((await corrected.write([change], await versionOf(corrected))).kind, "written");
      const six = { ...APPLE, qty: "6" };
      assert.deepEqual(await shownBy(corrected), sorted([six, six, BITCOIN]));
      const removal = changeTo("removed", "AAPL", { rowId: await idOf(corrected, "AAPL") });
      assert.equal((await corrected.write([removal], await versionOf(corrected))).kind, "written");
      assert.deepEqual(await shownBy(corrected), [BITCOIN]);
    });

    test("[R9] leaves a row that cannot be read alone, also beside a good one of its position", async () => {
      const broken = { instrument: "TSLA", qty: "1", isBroken: true, metadata: { mine: 1 } };
      for (const action of ["removed", "corrected"] as const) {
        const { mirror } = open([broken, APPLE, TESLA]);
        const { rows, version } = await mirror.read();
        const refused = rows.find(({ problem }) => problem);
        assert.deepEqual([refused?.instrument, refused?.qty], ["TSLA", null]);
        const onBroken = changeTo(action, "TSLA", { rowId: refused?.rowId ?? "", qty: "3" });
        assert.equal((await mirror.write([onBroken], version)).kind, "failed");
        const good = rows.find(({ instrument, problem }) => instrument === "TSLA" && !problem);
        const change = changeTo(action, "TSLA", { rowId: good?.rowId ?? "", qty: "3" });
        assert.equal((await mirror.write([change], version)).kind, "written");
        const after = (await mirror.read()).rows.filter(({ instrument }) => instrument === "TSLA");
        const expected =
          action === "removed"
            ? [[null, true]]
            : [
                [null, true],
                ["3", false],
              ];
        assert.deepEqual(
          after.map(({ qty, problem }) => [qty, problem !== undefined]),
          expected,
        );
      }
    });

    test("[R13] puts a row back as it was, over exactly what a write left, and not at another version", async () => {
      for (const action of ["removed", "corrected"] as const) {
        const { mirror } = open([TESLA, APPLE, APPLE]);
        const place = changeTo(action, "AAPL", { rowId: await idOf(mirror, "AAPL"), qty: "7" });
        const shown = await shownBy(mirror);
        const read = await mirror.read();
        const before = read.imageOf?.(place) ?? null;
        assert.equal((await mirror.write([place], read.version)).kind, "written");
        const written = await mirror.read();
        const after = written.imageOf?.(place) ?? null;
        assert.equal((await mirror.restore?.({ place, before, after }, read.version))?.kind, "conflict");
        assert.equal(
          (await mirror.restore?.({ place, before, after: before }, written.version))?.kind,
          "failed",
        );
        assert.equal((await mirror.read()).version, written.version);
        assert.equal((await mirror.restore?.({ place, before, after }, written.version))?.kind, "written");
        assert.deepEqual(await shownBy(mirror), shown);
      }
    });

    test("gives rows of one position different row ids", async () => {
      const { rows } = await open([APPLE, { ...APPLE, qty: "6" }, APPLE]).mirror.read();
      assert.equal(new Set(rows.map(({ rowId }) => rowId)).size, 3);
    });

    test("a write of no changes leaves the store as it is", async () => {
      const { mirror } = open(ROWS);
      const version = await versionOf(mirror);
      assert.equal((await mirror.write([], version)).kind, "written");
      assert.deepEqual(await shownBy(mirror), sorted(ROWS));
    });

    test("[R12] without quantities only presence is told: rows have none, can be removed and added", async () => {
      const rows = ROWS.map(({ instrument, metadata }) => ({
        instrument,
        qty: null,
        metadata: metadata ?? {},
      }));
      const { mirror } = open(rows);
      assert.equal(mirror.isPresenceOnly, true);
      assert.deepEqual(await shownBy(mirror), sorted(rows));
      const changes = [
        changeTo("removed", "AAPL", { rowId: await idOf(mirror, "AAPL") }),
        changeTo("added", "NVDA", { qty: "4" }),
      ];
      assert.equal((await mirror.write(changes, await versionOf(mirror))).kind, "written");
      const added = { instrument: "NVDA", qty: null, metadata: {} };
      assert.deepEqual(await shownBy(mirror), sorted([...rows.slice(1), added]));
    });

    test("[R12] a mirror that may not add refuses to, and removes and corrects all the same", async () => {
      const { mirror } = open(ROWS, { mayAdd: false });
      assert.equal(mirror.mayAdd, false);
      const adding = await mirror.write([changeTo("added", "NVDA", { qty: "4" })], await versionOf(mirror));
      assert.equal(adding.kind, "failed");
      assert.deepEqual(await shownBy(mirror), sorted(ROWS));
      const change = changeTo("corrected", "TSLA", { rowId: await idOf(mirror, "TSLA"), qty: "4" });
      assert.equal((await mirror.write([change], await versionOf(mirror))).kind, "written");
    });

    test("[R12] a mirror that demands the venue's reference refuses to add a row without one", async () => {
      const { mirror } = open(ROWS, { demandsVenueReference: true });
      assert.equal(mirror.demandsVenueReference, true);
      const without = changeTo("added", "NVDA", { qty: "4" });
      assert.equal((await mirror.write([without], await versionOf(mirror))).kind, "failed");
      assert.deepEqual(await shownBy(mirror), sorted(ROWS));
      const given = changeTo("added", "NVDA", { qty: "4", venueOrderId: "v-1" });
      assert.equal((await mirror.write([given], await versionOf(mirror))).kind, "written");
    });

    test("says what it is: its name, its scope, where it is, and that it keeps quantities", () => {
      const { mirror } = open(ROWS);
      assert.equal(mirror.name, "bot");
      assert.deepEqual(mirror.scope, { type: "account" });
      assert.ok(mirror.place.length > 0);
      assert.deepEqual(
        [mirror.isPresenceOnly, mirror.mayAdd, mirror.demandsVenueReference],
        [false, true, false],
      );
    });
  });
}
