// What a message of a topic means to the engine. Executions are facts; a position is absolute and is compared by the pass
// that it wakes; orders and the wallet wake one. What cannot be read may have been a fill: that is a gap.
import type { FillRow } from "../../core/index.ts";
import type { StreamEvent } from "../venue.ts";
import { isObject, type Parsed } from "../wire/fields.ts";
import type { Names } from "./instruments.ts";
import { coinsOf, parseCoin, parseOrder, parsePosition } from "./parse.ts";
import { type FillFacts, parseExecution } from "./parse-execution.ts";

/** Puts the leg of a hedging account to a fill, where that can be told. */
export type LegOf = (facts: FillFacts) => FillRow;

export function eventsOfTopic(
  topic: string,
  rows: readonly unknown[],
  names: Names,
  legOf: LegOf = ({ row }) => row,
): readonly StreamEvent[] {
  // `execution.linear` is the same as `execution`, of one category.
  switch (topic.replace(/\.(?:spot|linear|inverse|option)$/, "")) {
    case "execution":
      return rows.flatMap((row) => executionEvents(row, names, legOf));
    case "order":
      return rows.flatMap((row) =>
        parseOrder(row, { names }).flatMap((parsed) =>
          eventOf(parsed, (order) => ({ kind: "order", order }), wake),
        ),
      );
    case "position":
      return rows.flatMap((row) =>
        eventOf(
          parsePosition(row, { names }),
          ({ row: position, cause }) => ({ kind: "position", position, ...(cause && { cause }) }),
          wake,
        ),
      );
    case "wallet":
      return rows.flatMap(walletEvents);
    default:
      return [wake(`unknown topic "${topic.slice(0, 40)}"`)];
  }
}

function executionEvents(row: unknown, names: Names, legOf: LegOf): readonly StreamEvent[] {
  return eventOf(
    parseExecution(row, { names }),
    (facts) =>
      facts.kind === "fill"
        ? { kind: "fill", fill: legOf(facts) }
        : { kind: "wake", reason: `funding of ${facts.contract.name}` },
    undefined,
  );
}

function walletEvents(row: unknown): readonly StreamEvent[] {
  const coins = coinsOf(row);
  if (coins.kind === "problem") return [wake(coins.problem)];
  return coins.row.flatMap((coin) =>
    eventOf(parseCoin(coin), ({ row: balance }) => ({ kind: "balance", balance }), wake),
  );
}

function eventOf<Row>(
  parsed: Parsed<Row>,
  event: (row: Row) => StreamEvent,
  otherwise: ((problem: string) => StreamEvent) | undefined,
): readonly StreamEvent[] {
  if (parsed.kind === "row") return [event(parsed.row)];
  return otherwise ? [otherwise(parsed.problem)] : lost(parsed.problem);
}

/** What was not understood may have been a fill; what comes after it is delivered again. */
export function lost(problem: string): readonly StreamEvent[] {
  return [{ kind: "gap", reason: problem }, { kind: "live" }];
}

export function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}

/** Whether a message is one of the topics that this adapter asks for. */
export function isTopicMessage(value: unknown): value is { readonly topic: string } {
  return isObject(value) && typeof value.topic === "string";
}
