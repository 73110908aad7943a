// The first incident: a stock bot's state/position_metadata.json says six positions, the account holds none.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { changeTo, jsonMirror } from "../../../test/support/mirror-change.ts";
import { realFiles } from "../../runtime/real.ts";

const folder = mkdtempSync(join(tmpdir(), "trueup-incident-"));
after(() => rmSync(folder, { recursive: true }));

/** As json.dump(…, indent=2) of the bot leaves it: no quantities, scores of its own, keys that are no positions. */
const FILE = `{
  "_schema_version": 2,
  "AAPL": {
    "entry_score": 4.35,
    "entry_ts": "2025-12-31T14:35:07.123456+00:00",
    "components": {"flow": 0.70, "dark_pool": 1e-1, "insider": null},
    "market_regime": "RISK_ON"
  },
  "MSFT": {
    "entry_score": 3.10
  },
  "NVDA": {
    "entry_score": 5.0,
    "targets": [
      {"pct": 0.02, "hit": false}
    ]
  },
  "_last_reconcile": {"ts": 1.767e9,   "positions": 6},
  "SPY": {},
  "TSLA": {
    "entry_score": 2.8
  },
  "GOOGL": {
    "entry_score": 3.3,
    "note": "H\\u00e4lt"
  },
  "_comment": "do not edit \\u2014 written by main.py"
}
`;

const LEFT = `{
  "_schema_version": 2,
  "_last_reconcile": {"ts": 1.767e9,   "positions": 6},
  "_comment": "do not edit \\u2014 written by main.py"
}
`;

test("[A1] [A4] all six phantoms go, keys with _ stay to the byte, and the file as it was is beside it", async () => {
  const state = join(folder, "state");
  mkdirSync(state);
  const path = join(state, "position_metadata.json");
  writeFileSync(path, FILE);
  const mirror = jsonMirror(realFiles, { path, fields: {}, mayAdd: false });

  const { quality, rows, version } = await mirror.read();
  assert.equal(quality, "complete");
  assert.equal(mirror.isPresenceOnly, true);
  assert.deepEqual(
    rows.map(({ instrument, qty, problem }) => [instrument, qty, problem]),
    ["AAPL", "MSFT", "NVDA", "SPY", "TSLA", "GOOGL"].map((symbol) => [symbol, null, undefined]),
  );
  // What the bot knew is handed over before it goes; a closed life keeps it in its history.
  assert.deepEqual(rows[0]?.metadata, {
    entry_score: 4.35,
    entry_ts: "2025-12-31T14:35:07.123456+00:00",
    components: { flow: 0.7, dark_pool: 0.1, insider: null },
    market_regime: "RISK_ON",
  });
  assert.deepEqual(rows[5]?.metadata, { entry_score: 3.3, note: "Hält" });

  const result = await mirror.write(
    rows.map(({ instrument, rowId }) => changeTo("removed", instrument, { rowId })),
    version,
  );
  assert.equal(result.kind, "written");
  assert.equal(readFileSync(path, "utf8"), LEFT);
  assert.equal(readFileSync(result.backup ?? "", "utf8"), FILE);
  assert.equal(readdirSync(state).length, 2);
  assert.deepEqual((await mirror.read()).rows, []);
});
