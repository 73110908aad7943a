// Incident, from a runbook: a restart lost the order manager's memory. An order is open that nobody knows, an order is
// believed that is not there, a position and a balance are off.
import { join } from "node:path";
import { BOOK, decimal } from "../../../core/index.ts";
import { RowsFile } from "../rows-file.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const FILE = "platform_state.json";
const BTC = "BTC/USDT";
const KNOWN = "plat-abc123";
const OTHER = "plat-def456";

export const orderDesync: Scenario = {
  name: "order-desync",
  isIncident: true,
  title: "orders missing and stale, a position and a balance off, after a restart",
  about: [
    "The runbook of a trading platform: after a restart, or when messages are lost, its order manager misses orders that are open, believes in orders that are gone, and its position and balance are off.",
    "Here trueup's own book, as an executor's, stands for the order manager: mirrors have positions and no orders. The positions are in a file.",
  ],
  mode: "executor",
  exits: 'default = { stop = "0.5" }',
  currency: "USDT",
  cash: "10000",
  fee: "0",
  prices: { [BTC]: "50000.00" },
  parties: [{ name: "platform", strategy: "platform", prefix: "plat-" }],
  copies: [
    {
      name: "platform",
      file: FILE,
      start: {},
      strategy: null,
      toml: '[accounts.paper.mirrors.fields]\nquantity = "qty"\nentry_price = "entry_price"',
    },
  ],
  async play(stage) {
    await missingOrder(stage);
    await lostFill(stage);
    await staleOrder(stage);
    await balance(stage);
  },
};

async function missingOrder(stage: Stage): Promise<void> {
  const qty = decimal("0.05");
  stage.order({ side: "buy", instrument: BTC, qty, clientOrderId: "plat-1" });
  new RowsFile(join(stage.folder, FILE)).move(BTC, qty, { entry_price: 50_000, plan: "hold" });
  await stage.settle();
  stage.act(
    "Orders that nobody remembers",
    `${KNOWN} and ${OTHER} rest at the exchange; the order manager was restarted and knows neither`,
  );
  limit(stage, "buy", "49000", KNOWN);
  limit(stage, "sell", "52000", OTHER);
  await stage.settle({
    kind: "missing_local_order",
    of: BOOK,
    names: [`${BTC} ${KNOWN}`, `${BTC} ${OTHER}`],
  });
}

async function lostFill(stage: Stage): Promise<void> {
  stage.act(
    "A position that is off",
    `0.03 ${BTC} more are bought, and the message is lost: ${FILE} says 0.05, the exchange 0.08`,
  );
  await stage.during({ isStreamSilent: true }, () =>
    stage.order({ side: "buy", instrument: BTC, qty: decimal("0.03"), clientOrderId: "plat-2" }),
  );
  await stage.settle(
    { kind: "missing_fill", of: BOOK, names: [BTC] },
    { kind: "position_mismatch", of: BOOK, names: [BTC] },
    { kind: "position_mismatch", of: "platform", names: [BTC] },
  );
  await stage.standing();
}

async function staleOrder(stage: Stage): Promise<void> {
  stage.act(
    "An order that is believed and gone",
    `the exchange has lost ${KNOWN} in a hiccup; nobody said so`,
  );
  stage.venue.misbehave({ forgottenOrders: [KNOWN] });
  await stage.settle({ kind: "stale_local_order", of: BOOK, names: [`${BTC} ${KNOWN}`] });
  stage.say(
    `asked for by its id, twice, the exchange says none, and no fill is in its history: ${KNOWN} is taken for canceled, and never sent again`,
  );
}

async function balance(stage: Stage): Promise<void> {
  stage.act("A balance that is off", "1523.50 USDT leave the account, and no entry of its ledger says why");
  stage.venue.account.drift(decimal("-1523.5"));
  await stage.settle({ kind: "balance_mismatch", of: BOOK, names: ["USDT"], cause: "unexplained" });
  stage.say(
    "the book takes over the exchange's number, and keeps the difference as unexplained: a person should ask the exchange",
  );
  await stage.standing();
}

function limit(stage: Stage, side: "buy" | "sell", price: string, clientOrderId: string): void {
  const order = { type: "limit", price: decimal(price), clientOrderId } as const;
  stage.order({ side, instrument: BTC, qty: decimal("0.01"), ...order });
}
