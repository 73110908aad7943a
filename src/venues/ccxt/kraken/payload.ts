// What this profile makes of a payload of Kraken's that somebody recorded: an answer with its envelope, or what is in it.
// Without the list of markets a name is told by the forms that Kraken's names have.
import type { PayloadItem, PayloadReading } from "../../payload.ts";
import { isObject } from "../../wire/fields.ts";
import { ignored, itemOf, problem, type Row } from "../../wire/items.ts";
import { assetByForm, type Names } from "./names.ts";
import { type Entry, entriesOf, parseBalance, parseOrder } from "./parse.ts";
import { entryRows, parseEntry, parseTrade } from "./parse-history.ts";

const QUOTE =
  /^(.+?)(ZUSD|ZEUR|ZGBP|ZJPY|ZCAD|ZAUD|XXBT|XETH|USDT|USDC|USD|EUR|GBP|JPY|CAD|AUD|CHF|XBT|ETH)$/;

const NAMES_BY_FORM: Names = {
  pair: (name) => {
    const [base, quote] = name.includes("/") ? name.split("/") : (QUOTE.exec(name)?.slice(1) ?? []);
    if (base === undefined || quote === undefined) return undefined;
    return {
      symbol: `${assetByForm(base)}/${assetByForm(quote)}`,
      base: assetByForm(base),
      quote: assetByForm(quote),
    };
  },
  asset: assetByForm,
};

interface Kind {
  readonly name: string;
  readonly fits: (row: Row) => boolean;
  readonly read: (entry: Entry) => readonly PayloadItem[];
}

const KINDS: readonly Kind[] = [
  {
    name: "POST /0/private/Ledgers",
    fits: (row) => "refid" in row && "amount" in row,
    read: (entry) => {
      const read = parseEntry(entry, NAMES_BY_FORM);
      if (read.kind === "problem") return [read];
      if (read.row.type === "trade") return [ignored("told by its fill")];
      const rows = entryRows(read.row);
      return rows.length === 0 ? [ignored("no money moved")] : rows.map((row) => ({ kind: "ledger", row }));
    },
  },
  {
    name: "POST /0/private/TradesHistory",
    fits: (row) => "ordertxid" in row && "vol" in row,
    read: (entry) => [itemOf(parseTrade(entry, NAMES_BY_FORM), ({ row }) => ({ kind: "fill", row }))],
  },
  {
    name: "POST /0/private/OpenOrders",
    fits: (row) => "descr" in row && "vol" in row,
    read: (entry) => [itemOf(parseOrder(entry, NAMES_BY_FORM), (row) => ({ kind: "order", row }))],
  },
  {
    name: "POST /0/private/BalanceEx",
    fits: (row) => "balance" in row && !("refid" in row),
    read: (entry) => [itemOf(parseBalance(entry, NAMES_BY_FORM), (row) => ({ kind: "balance", row }))],
  },
];

/** What a key is and may: nothing of an account's. */
function isKey(payload: unknown): boolean {
  const result = isObject(payload) && "result" in payload ? payload.result : payload;
  return isObject(result) && "apiKeyName" in result && "permissions" in result;
}

export function readPayload(payload: unknown): PayloadReading {
  if (isKey(payload)) {
    const reason = "what the key is and may: the doctor of the connection tells it";
    return { takenFor: "POST /0/private/GetApiKeyInfo", items: [{ kind: "ignored", reason }] };
  }
  const names = new Set<string>();
  const entries = rowsIn(payload);
  const items = entries.flatMap((entry): readonly PayloadItem[] => {
    const [, value] = entry;
    const kind = isObject(value) ? KINDS.find(({ fits }) => fits(value)) : undefined;
    if (!kind) return [problem(`no row of Kraken's is like ${entry[0].slice(0, 40)}`)];
    names.add(kind.name);
    return kind.read(entry);
  });
  const takenFor = names.size === 0 ? null : [...names].join(", ");
  return { takenFor, items: items.length > 0 ? items : [ignored("an empty list")] };
}

/** The rows are by their ids in the answer's result, or one field further in. */
function rowsIn(payload: unknown): readonly Entry[] {
  const result = isObject(payload) && "result" in payload ? payload.result : payload;
  if (!isObject(result)) return [["the answer", payload]];
  const inner = ["open", "closed", "trades", "ledger"].find((field) => isObject(result[field]));
  return entriesOf(inner === undefined ? result : result[inner]) ?? [];
}
