// The fold of fills into positions, costs, lots, lives and orders, against a database that only sums them.
import { applyRecord, emptyBook, type JournalRecordOf, nothingTouched } from "../../src/core/index.ts";
import type { Findings } from "../comparison.ts";
import { appendRows, openDuckDb } from "../duckdb.ts";
import { fillRecord } from "../fills.ts";
import { type Rounds, sideBySide } from "../measure.ts";

type FillRecord = JournalRecordOf<"fill_recorded">;

export async function measureFold(count: number, rounds: Rounds): Promise<Findings> {
  const records = Array.from({ length: count }, (_, index) => fillRecord(index, index + 1));
  const { fold, duck } = await sideBySide(
    {
      fold: {
        run: () => {
          const book = emptyBook("A-1");
          const touched = nothingTouched();
          for (const record of records) applyRecord(book, record, touched);
          return book;
        },
      },
      duck: {
        prepare: openDuckDb,
        run: async (prepared) => {
          const connection = prepared as Awaited<ReturnType<typeof openDuckDb>>;
          await connection.run(
            "CREATE TABLE f (instrument VARCHAR, side VARCHAR, qty VARCHAR, price VARCHAR)",
          );
          await appendRows(connection, "f", records, COLUMNS);
          return (await connection.runAndReadAll(SUM)).getRows();
        },
      },
    },
    rounds,
  );
  return {
    comparisons: [
      {
        work: `fold of ${count.toLocaleString("en")} fills: quantity, cost, lots, lives, result`,
        ours: fold,
        reference: "DuckDB: append the same fills, SUM … GROUP BY instrument",
        theirs: duck,
        goal: { ratioMax: 1 },
      },
    ],
    facts: [],
  };
}

const COLUMNS: readonly ((record: FillRecord) => string)[] = [
  ({ payload }) => payload.instrument,
  ({ payload }) => payload.side,
  ({ payload }) => payload.qty,
  ({ payload }) => payload.price ?? "",
];
const SIGNED = "CASE side WHEN 'buy' THEN qty::DECIMAL(18, 8) ELSE -qty::DECIMAL(18, 8) END";
const SUM = `SELECT instrument, SUM(${SIGNED}), SUM(qty::DOUBLE * price::DOUBLE) FROM f GROUP BY instrument`;
