// Bybit's recorded and documented payloads, each with what the adapter makes of it.
import { readPayload } from "../../src/venues/bybit/index.ts";
import { accountsFor } from "./fixtures.ts";

accountsFor("bybit", readPayload, {
  "docs-account-account-info.json": ["ignored: the account's modes: the doctor of the connection tells them"],
  "docs-account-transaction-log.json": [
    "ledger funding XRP/USDT:USDT USDT -0.003676",
    "ignored: a trade: its execution tells the money",
    "ignored: a trade: its execution tells the money",
  ],
  "docs-account-wallet-balance.json": ["balance BTC 0"],
  "docs-asset-delivery.json": [
    "ignored: a delivery: the transaction log tells its money and that the position is over",
  ],
  "docs-asset-settlement.json": [
    "ignored: a session of a USDC contract: the transaction log tells its money",
  ],
  "docs-market-instrument-2.json": ["instrument BTC/USDT step 0.000001 x 1"],
  "docs-market-instrument.json": ["instrument BTC/USDT:USDT-260327-70000-P step 0.01 x 1"],
  "docs-order-cancel-order.json": ["outcome accepted"],
  "docs-order-create-order.json": ["outcome accepted"],
  "docs-order-execution.json": ["fill ETH/USDC:USDC buy 0.1 at 1190.15 fee 0.071409 USDC"],
  "docs-order-open-order.json": ["order ETH/USDT:USDT long buy limit qty 0.1 at 1600 open"],
  "docs-order-order-list.json": ["order BTC/USDT:USDT long buy limit qty 0.003 at 26864.4 canceled"],
  "docs-position-close-pnl.json": ["ignored: a result that was closed: its executions tell it"],
  "docs-position-move-position-history.json": [
    "ignored: a moved position: its execution of type MovePosition tells it",
  ],
  "docs-position-position.json": ["position BTC/USD:BTC -300 at 27464.50441675 (8)"],
  // The tax of 0.006403779 in the same coin is in the fee.
  "docs-websocket-private-execution.json": [
    "event fill BTC/USDT:USDT sell 0.5 at 95900.1 fee 26.378931279 USDT",
  ],
  "docs-websocket-private-fast-execution.json": [
    "ignored: execution.fast has no types, so funding would look like a trade; the topic execution is used",
  ],
  "docs-websocket-private-order.json": [
    "event order ETH/USDC:USDC-221230-1400-C sell market qty 1 filled 1 at 75",
  ],
  "docs-websocket-private-position.json": ["event position BTC/USDT:USDT short 0"],
  "docs-websocket-private-wallet.json": ["event balance BTC 0.00102964"],
  "gct-wsAuth-lines.json": [
    "event position XRP/USDT:USDT 75 at 0.3615 (4)",
    // Whoever recorded it wrote "%s" in place of the id and the symbol.
    '/^event wake the order "%s": "symbol" is "%s"; expected one that Bybit lists in category option$/',
    "event balance USDC 201.34882644",
    "event balance BTC 0.06488393",
    "event balance ETH 0",
    "event balance USDT 11728.54414904",
    "event balance EOS3L 215.0570412",
    "event balance BIT 1.82",
    "ignored: greeks of options: nothing that is held",
    "event fill XRP/USDT:USDT sell 25 at 0.3374 fee 0.005061 USDT",
    "event order BTC/USDT:USDT sell market qty 1.7 filled 1.7 at 4.24",
    "event balance BREAK 201.34882644",
  ],
  "recorded-position-list-open.json": ["position LTC/USDT:USDT 2.5 at 80 0"],
  "recorded-position-list-zero-row-by-symbol.json": ["position ETH/USDT:USDT 0"],
});
