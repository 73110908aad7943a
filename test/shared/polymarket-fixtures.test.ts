// Polymarket's recorded and documented payloads through its adapter. Those of the venue's own client have invented names
// in the place of tokens: each of them is told as a problem, with what was found.
import { readPayload } from "../../src/venues/polymarket/index.ts";
import { accountsFor } from "./fixtures.ts";

const YES = "52114319501245915516055106046884209969926127482827954674443846427813813222426";
/** 0x1111…, as the venue's own client writes a token in its tests. */
const ONES = "7719472615821079694904732333912527190217998977709370935963838933860875309329";
const BY_HASH =
  "ignored: a trade by its transaction, which many share; the CLOB's own list of trades is read";

accountsFor("polymarket", readPayload, {
  // Both sides of the trade belong to the key that the example was sent to.
  "documented-ws-user-trade-and-order.json": [
    `event fill ${YES} buy 10 at 0.57`,
    `event fill ${YES} sell 10 at 0.57 fee 0 pUSD`,
    `event order ${YES} sell limit qty 10 at 0.57 open`,
  ],
  "recorded-data-api-activity-redeem.json": [
    "ledger redemption pUSD 30971.87",
    "ledger redemption pUSD 443020.944803",
    "ledger redemption pUSD 526517.616625",
  ],
  "recorded-data-api-positions-redeemable.json": [
    "position 92073308864569362402131420269439121198880397409602860524558961937131100696150 461505.67 at 0.518665",
    "position 60200335366583529750107915773663861788137817376410291993258126224740571960537 457480.1 at 0.461992",
    "position 14604356390830785819727448777986646870056683868868701432580394323193003246217 61196.26 at 0.529967",
  ],
  "recorded-data-api-trades.json": [BY_HASH, BY_HASH],
  "reported-ghost-fill-and-delayed.json": [
    "problem: no row of Polymarket's has the fields ghost_fill, delayed, stale_reservation",
  ],
  "rsclient-clob-builder_trades_should_succeed-12.json": [
    "ignored: a trade of somebody's that a builder brought; this adapter reads the account's own",
  ],
  "rsclient-clob-cancel_all_orders_should_succeed-7.json": ["outcome accepted", "outcome rejected"],
  "rsclient-clob-cancel_order_should_accept_snake_case_not_canceled-6.json": ["outcome rejected"],
  "rsclient-clob-cancel_order_should_succeed-5.json": ["outcome rejected"],
  "rsclient-clob-order_should_succeed-3.json": [
    'problem: the order "1": "asset_id" is "asset_xyz"; expected a token\'s number',
  ],
  "rsclient-clob-orders_should_succeed-4.json": [
    'problem: the order "1": "asset_id" is "asset_xyz"; expected a token\'s number',
  ],
  "rsclient-clob-post_order_should_accept_transactions_hashes_alias-2.json": ["outcome accepted"],
  "rsclient-clob-post_order_should_succeed.json": ["outcome accepted"],
  "rsclient-clob-trades_should_succeed-8.json": [
    'problem: the trade "1": "asset_id" is "asset_xyz"; expected a token\'s number',
  ],
  "rsclient-data-activity_should_succeed-3.json": [
    `fill ${ONES} buy 100 at 0.55`,
    "ledger redemption pUSD 100",
  ],
  "rsclient-data-closed_positions_should_succeed-4.json": [
    "ignored: a position that is over; what made it so is in the activity",
  ],
  "rsclient-data-positions_should_succeed.json": [`position ${ONES} 100.5 at 0.65`],
  "rsclient-data-traded_should_succeed-5.json": [
    "ignored: how many markets the wallet has traded; nothing of the account's state",
  ],
  "rsclient-data-trades_should_succeed-2.json": [BY_HASH],
});
