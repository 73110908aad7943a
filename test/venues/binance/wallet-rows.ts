// The wallet of spot on this machine: what comes in of the account's ledger is a deposit or a transfer by turns, what goes
// out a transfer. Other rows are given by the test. Written from Binance's documentation (Wallet, read 2026-11).
import { type AccountView, json, type ModelEntry, type Route } from "../../../src/conformance/index.ts";
import { error, type Row } from "./binance-wire.ts";

export interface WalletRows {
  readonly deposits: Row[];
  readonly withdrawals: Row[];
  readonly transfers: Row[];
  readonly dividends: Row[];
  readonly dust: Row[];
  /** Paths that are refused, as to a key without the right. */
  readonly forbidden: string[];
}

export function walletRoutes(wallet: WalletRows): readonly Route[] {
  const route = (path: string, reply: Route["reply"]): Route => ({
    of: ["ledger"],
    method: "GET",
    path: new RegExp(path),
    reply: (request, account, page) =>
      wallet.forbidden.includes(path)
        ? error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        : reply(request, account, page),
  });
  const byOffset = (rows: readonly Row[], query: URLSearchParams, size: number) => {
    const start = Number(query.get("offset") ?? 0);
    return json(rows.slice(start, start + size));
  };
  return [
    route("/sapi/v1/capital/deposit/hisrec", ({ query }, account, page) => {
      const rows = [...deposits(account), ...wallet.deposits];
      return byOffset(within(rows, "insertTime", query), query, page(query.get("limit"), 1_000, 1_000));
    }),
    route("/sapi/v1/capital/withdraw/history", ({ query }, _, page) => {
      const rows = within(wallet.withdrawals, "applyTime", query);
      return byOffset(rows, query, page(query.get("limit"), 1_000, 1_000));
    }),
    route("/sapi/v1/asset/transfer", ({ query }, account, page) => {
      const rows = within([...transfers(account), ...wallet.transfers], "timestamp", query).filter(
        ({ type }) => type === query.get("type"),
      );
      const size = page(query.get("size"), 100, 10);
      const start = (Number(query.get("current") ?? 1) - 1) * size;
      const told = rows.slice(start, start + size);
      return json({ total: rows.length, ...(rows.length > 0 && { rows: told }) });
    }),
    route("/sapi/v1/asset/assetDividend", ({ query }, _, page) => {
      const rows = within(wallet.dividends, "divTime", query);
      return json({ rows: rows.slice(0, page(query.get("limit"), 500, 20)), total: rows.length });
    }),
    route("/sapi/v1/asset/dribblet", ({ query }) => {
      const rows = within(wallet.dust, "operateTime", query);
      return json({ total: rows.length, userAssetDribblets: rows.slice(0, 100) });
    }),
  ];
}

function within(rows: readonly Row[], field: string, query: URLSearchParams): readonly Row[] {
  const from = Number(query.get("startTime"));
  const to = Number(query.get("endTime"));
  return rows.filter((row) => {
    const stated = row[field];
    const ms = typeof stated === "string" ? Date.parse(`${stated.replace(" ", "T")}Z`) : Number(stated);
    return ms >= from && ms <= to;
  });
}

function isDeposit({ amount, id }: ModelEntry): boolean {
  return !String(amount).startsWith("-") && Number(/\d+$/.exec(id)?.[0] ?? 0) % 2 === 0;
}

function deposits({ ledger }: AccountView): readonly Row[] {
  return ledger.filter(isDeposit).map(({ id, asset, amount, timestamp }) => ({
    id,
    amount,
    coin: asset,
    status: 1,
    txId: `tx-${id}`,
    insertTime: timestamp,
    completeTime: timestamp,
    transferType: 0,
    confirmTimes: "1/1",
    walletType: 0,
  }));
}

function transfers({ ledger }: AccountView): readonly Row[] {
  return ledger
    .filter((entry) => !isDeposit(entry))
    .map(({ id, asset, amount, timestamp }) => ({
      asset,
      amount: String(amount).replace("-", ""),
      type: String(amount).startsWith("-") ? "MAIN_UMFUTURE" : "UMFUTURE_MAIN",
      status: "CONFIRMED",
      tranId: id,
      timestamp,
    }));
}
