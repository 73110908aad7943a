// Prices of OKX, asked for: quote and last trade of each instrument.
// @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-ticker (read 2026-11)
import type { PriceTick } from "../../venue.ts";
import { isObject } from "../../wire/fields.ts";
import { optionalPrice } from "../../wire/price-fields.ts";
import type { Client } from "../client.ts";
import { unitsOf } from "./ask.ts";
import { instIdOf } from "./instruments.ts";

const PATH = "market/ticker";
/** So many may be asked for in two seconds. */
const ASKED_MAX = 20;

/** Both sides and the last trade as they stand at the answer; what is not answered, or not readable, is left out. */
export async function readTickers(
  client: Client,
  instruments: readonly string[],
): Promise<readonly PriceTick[]> {
  const answers = await Promise.all(
    instruments.slice(0, ASKED_MAX).map(async (instrument): Promise<readonly PriceTick[]> => {
      const instId = instIdOf(instrument)?.instId;
      if (instId === undefined) return [];
      const answer = await client.read(`the ticker of ${instId}`, {
        path: PATH,
        api: "public",
        method: "GET",
        params: { instId },
        units: unitsOf(PATH),
      });
      const list = answer.kind === "answer" ? answer.value : undefined;
      const row: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined;
      if (!isObject(row) || row.instId !== instId) return [];
      const [last, bid, ask] = [row.last, row.bidPx, row.askPx].map(optionalPrice);
      const prices = {
        ...(last !== undefined && { last }),
        ...(bid !== undefined && { bid }),
        ...(ask !== undefined && { ask }),
      };
      // They stand now, whenever they were set: the moment of the answer is theirs, which the engine knows best.
      return Object.keys(prices).length === 0 ? [] : [{ instrument, ...prices }];
    }),
  );
  return answers.flat();
}
