// Binance's recorded and documented payloads, of both markets, through its adapter.
import { readPayload } from "../../src/venues/binance/index.ts";
import { accountsFor } from "./fixtures.ts";

/** A recorded account that holds none of these; every one of them is a row. */
const ZERO_BALANCES = `
  BTC LTC ETH NEO BNB QTUM EOS SNT BNT GAS BCC USDT HSR OAX DNT MCO ICN ZRX OMG WTC YOYO LRC TRX SNGLS
  STRAT BQX FUN KNC CDT XVG IOTA SNM LINK CVC TNT REP MDA MTL SALT NULS SUB MTH ADX ETC ENG ZEC AST
  GNT DGD BAT DASH POWR BTG REQ XMR EVX VIB ENJ VEN ARK XRP MOD STORJ KMD RCN EDO DATA DLT MANA PPT
  RDN GXS AMB ARN BCPT CND GVT POE BTS FUEL XZC QSP LSK BCD TNB ADA LEND XLM CMT WAVES WABI GTO ICX
  OST ELF AION WINGS BRD NEBL NAV VIBE LUN TRIG APPC CHAT RLC INS PIVX IOST STEEM NANO AE VIA BLZ SYS
  RPX NCASH POA ONT ZIL STORM XEM WAN WPR QLC GRS CLOAK LOOM BCN TUSD ZEN SKY THETA IOTX QKC AGI NXS
  SC NPXS KEY NAS MFT DENT ARDR HOT VET DOCK POLY ONG PHX HC GO PAX RVN DCR USDC MITH BCHABC BCHSV REN
  BTT USDS FET TFUEL CELR MATIC ATOM PHB ONE FTM
`
  .trim()
  .split(/\s+/);

accountsFor("binanceusdm", readPayload, {
  "ccxt-fapi-v3-account.json": [
    "balance USDT 72.72317863 free 11.39916777",
    "position WLD/USDT:USDT -849 at 2.34 (2)",
  ],
  "ccxt-fapi-v3-positionRisk.json": ["position WLD/USDT:USDT 5 at 2.3483 (4)"],
  "ccxt-forceOrder.json": ["order BTC/USDT:USDT sell limit qty 0.001 at 10871.09 filled 0.002 at 10913.21"],
  "ccxt-income.json": ["ledger transfer USDT 10"],
  "connector-accountInformationV2.json": ["balance USDT 23.72469206", "position BTC/USDT:USDT 0"],
  "connector-accountInformationV3.json": [
    "balance USDT 23.72469206 free 23.72469206",
    "position BTC/USDT:USDT 1",
  ],
  "connector-accountTradeList.json": ["fill BTC/USDT:USDT short sell 0.002 at 7819.01 fee 0.0781901 USDT"],
  "connector-allOrders.json": [
    "order BTC/USDT:USDT short buy trailing_stop_market qty 0.4 trigger 9300 open",
  ],
  "connector-cancelOrder.json": [
    "order BTC/USDT:USDT short buy trailing_stop_market qty 11 trigger 9300 canceled",
  ],
  "connector-currentAllAlgoOpenOrders.json": [
    "order BNB/USDT:USDT sell take_profit qty 0.01 at 750 trigger 750 open",
  ],
  "connector-currentAllOpenOrders.json": [
    "order BTC/USDT:USDT short buy trailing_stop_market qty 0.4 trigger 9300 open",
  ],
  "connector-futuresAccountBalanceV3.json": ["balance USDT 122607.35137903 free 23.72469206"],
  "connector-getCurrentPositionMode.json": [
    "ignored: the position mode: a check compares it with the configuration",
  ],
  "connector-getIncomeHistory.json": ["ledger transfer USDT -0.375"],
  "connector-getPositionMarginChangeHistory.json": [
    "ignored: margin moved within the account: no balance changes",
  ],
  "connector-newAlgoOrder.json": ["order BNB/USDT:USDT sell take_profit qty 0.01 at 750 trigger 750 open"],
  "connector-newOrder.json": ["order BTC/USDT:USDT short sell limit qty 10 open"],
  "connector-notionalAndLeverageBrackets.json": ["ignored: limits of leverage: nothing of the account"],
  "connector-positionAdlQuantileEstimation.json": [
    "ignored: the place in the queue of ADL: nothing has happened",
  ],
  "connector-positionInformationV2.json": ["position BTC/USDT:USDT 0"],
  "connector-positionInformationV3.json": ["position ADA/USDT:USDT 30 at 0.385 (3)"],
  "connector-queryAlgoOrder.json": [
    "order BNB/USDT:USDT sell take_profit qty 0.01 at 750 trigger 750 canceled",
  ],
  "connector-queryOrder.json": [
    "order BTC/USDT:USDT short buy trailing_stop_market qty 0.4 trigger 9300 open",
  ],
  "connector-queryUserRateLimit.json": ["ignored: a limit of the rate: nothing of the account"],
  "connector-usersForceOrders.json": [
    "order BTC/USDT:USDT sell limit qty 0.001 at 10871.09 filled 0.001 at 10913.21",
  ],
  "recorded-positionRisk-v2-zero-rows.json": [
    "position XEM/USDT:USDT 0",
    "position ZIL/USDT:USDT 0",
    "position DYDX/USDT:USDT 0",
  ],
});

accountsFor("binance-spot", readPayload, {
  "connector-allOrders.json": ["order LTC/BTC buy limit qty 1 at 0.1 open"],
  "connector-getAccount.json": ["balance BTC 4723846.89208129 free 4723846.89208129"],
  "connector-getOpenOrders.json": ["order LTC/BTC buy limit qty 1 at 0.1 open"],
  "connector-getOrder.json": ["order LTC/BTC buy limit qty 1 at 0.1 open"],
  "connector-myPreventedMatches.json": ["ignored: a trade with oneself that did not happen"],
  "connector-myTrades.json": ["fill BNB/BTC buy 12 at 4.000001 fee 10.1 BNB"],
  "connector-openOrderList.json": ["ignored: a list of orders: each of them is an order of its own"],
  "gct-account.json": ZERO_BALANCES.map((asset) => `balance ${asset} 0 free 0`),
  "gct-allOrders.json": [
    "order LTC/BTC buy limit qty 1 at 0.1 open",
    "order LTC/BTC buy limit qty 1 at 0.1 open",
  ],
  "gct-openOrders.json": [
    "order LTC/BTC buy limit qty 1 at 0.1 open",
    "order LTC/BTC buy limit qty 1 at 0.1 open",
    'problem: the order "BTCUDT": "symbol" is "BTCUDT"; expected a symbol of this market, such as BTCUSDT',
  ],
});
