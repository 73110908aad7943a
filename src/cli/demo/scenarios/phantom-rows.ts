// Incident: of fifteen active rows in a bot's table eleven are phantoms (73 %), because the exchange goes on listing
// positions of size zero and the bot took each listed row for a position.
import { join } from "node:path";
import { decimal, multiply } from "../../../core/index.ts";
import { jsonNumber, readJson, writeJson } from "../json.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const FILE = "positions.json";
const REAL = ["ATOMUSDT", "FLOWUSDT", "LINKUSDT", "SOLUSDT"];
/** Listed by the exchange with size zero. */
const ZERO_ROWS = ["BNBUSDT", "CRVUSDT", "DOGEUSDT", "GASUSDT", "GHSTUSDT", "IOTAUSDT", "ZILUSDT"];
/** Not listed at all any more. */
const GONE = ["ADAUSDT", "AVAXUSDT", "DOTUSDT", "XRPUSDT"];
const MISSING = "ORBSUSDT";
const QTY = decimal("25");

export const phantomRows: Scenario = {
  name: "phantom-rows",
  isIncident: true,
  title: "11 of 15 rows of a table are phantoms; zero-size rows were taken for positions",
  about: [
    "A futures bot keeps its positions in a SQL table. Of 15 active rows 11 (73 %) were phantoms: the exchange lists positions of size zero, and the bot took a listed row for a position.",
    `Here ${FILE} stands for the table, row by row with the same columns: the stores that trueup itself can write are JSON files.`,
  ],
  mode: "beside",
  currency: "USDT",
  cash: "20000",
  fee: "0.0005",
  prices: Object.fromEntries(
    [...REAL, ...ZERO_ROWS, ...GONE, MISSING].map((name, index) => [name, `${3 + index}.50`]),
  ),
  parties: [{ name: "bot", strategy: "bot", prefix: "bot-" }],
  copies: [
    {
      name: "table",
      file: FILE,
      start: [],
      strategy: null,
      toml: `shape = "array"
add = true
demands_venue_reference = true
where = { status = "active" }
on_close = { set = { status = "closed" } }
template = { exchange = "bybit" }
[accounts.paper.mirrors.fields]
instrument = "symbol"
quantity = "quantity"
entry_price = "entry_price"
venue_order_id = "exchange_order_id"`,
    },
  ],
  async play(stage) {
    await elevenPhantoms(stage);
    await lostInsert(stage);
  },
};

async function elevenPhantoms(stage: Stage): Promise<void> {
  const ids = REAL.map((instrument, index) =>
    stage.order({ side: "buy", instrument, qty: QTY, clientOrderId: `bot-${index + 1}` }),
  );
  const phantoms = [...ZERO_ROWS, ...GONE];
  stage.act(
    "Fifteen active rows, four positions",
    `the exchange holds ${REAL.join(", ")}; it lists ${ZERO_ROWS.length} more with size zero, and ${GONE.length} of the rows not at all`,
  );
  stage.venue.misbehave({ zeroRows: ZERO_ROWS });
  const rows = [...REAL, ...phantoms].map((symbol, index) => ({
    id: 230 + index,
    symbol,
    exchange: "bybit",
    quantity: jsonNumber(QTY),
    entry_price: jsonNumber(stage.market.price(symbol)),
    signal_id: index % 3 === 0 ? 5_000 + index : null,
    exchange_order_id: ids[index] ?? null,
    status: "active",
  }));
  writeJson(join(stage.folder, FILE), rows);
  await stage.settle({ kind: "phantom_position", of: "table", names: phantoms });
  stage.say(`${countText(stage)}; each of the eleven was proven flat, none by the length of a list`);
  await stage.standing();
}

async function lostInsert(stage: Stage): Promise<void> {
  const value = multiply(QTY, stage.market.price(MISSING));
  stage.act(
    "A row that was never inserted",
    `the bot sells ${QTY} ${MISSING} short, worth ${value}, and its INSERT fails`,
  );
  const id = stage.order({ side: "sell", instrument: MISSING, qty: QTY, clientOrderId: "bot-9" });
  await stage.settle({ kind: "missing_position", of: "table", names: [MISSING] });
  const rows = readJson(join(stage.folder, FILE)) as readonly Readonly<Record<string, unknown>>[];
  const row = rows.find(({ symbol }) => symbol === MISSING);
  const isProven = row?.exchange_order_id === id;
  stage.say(`the new row: ${JSON.stringify(row)}`);
  if (isProven)
    stage.say(
      `its exchange_order_id is ${id}, the order of the fill that opened it; one is never made up from the symbol`,
    );
  else stage.fail(`the row of ${MISSING} should carry the venue order id ${id}`);
  await stage.standing();
}

function countText(stage: Stage): string {
  const rows = readJson(join(stage.folder, FILE)) as readonly { readonly status: string }[];
  const closed = rows.filter(({ status }) => status === "closed").length;
  return `in the table: ${rows.length - closed} active, ${closed} closed, none deleted`;
}
