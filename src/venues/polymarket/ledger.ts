// What moved the wallet on the chain and is no trade, from the Data API's activity, oldest first. Where there are no API
// credentials its trades are the account's fills: by their transaction, because they have no id there.
import type { FillRow, HistorySection, LedgerRow } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { PolymarketClient } from "./client.ts";
import type { Markets } from "./markets.ts";
import { walkData } from "./pages.ts";
import { type ActivityFacts, entriesOf, parseActivity } from "./parse-activity.ts";
import { isSameAddress } from "./symbols.ts";

/** How far behind the fills' window it is read: rewards and deposits are told later than they are dated. In ms. */
export const LEDGER_OVERLAP_MS = 24 * 3_600_000;

/** A token and what people call it. */
export interface Called {
  readonly token: string;
  readonly alias: string | undefined;
}

/** What the activity of a window is. */
export interface Activity {
  readonly ledger: HistorySection<LedgerRow>;
  /** Trades of the chain; they are the account's fills only where the CLOB cannot be asked. */
  readonly fills: HistorySection<FillRow>;
  /** Another wallet than the account's, which rows are of. */
  readonly stranger?: string;
  readonly called: readonly Called[];
}

export async function readActivity(
  client: PolymarketClient,
  markets: Markets,
  holder: string,
  fromMs: number,
  clock: Clock,
  asking: Asking,
): Promise<Activity> {
  const toMs = clock.nowMs();
  const fromSec = Math.floor(Math.max(0, fromMs - LEDGER_OVERLAP_MS) / 1_000);
  const walk = await walkData("the activity", (cursor) => client.activity(fromSec, cursor), asking);
  if (walk.end === "broken" && walk.items.length === 0) {
    const none = unavailable(walk.problem ?? "");
    return { ledger: none, fills: none, called: [] };
  }
  const parsed = walk.items.map(parseActivity);
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const stranger = facts.find(({ wallet }) => wallet !== undefined && !isSameAddress(wallet, holder));
  if (stranger) {
    const problem = `an activity is of the wallet ${stranger.wallet}; expected only those of ${holder}`;
    const suspect = { quality: "suspect", rows: [], problem } as const;
    return {
      ledger: suspect,
      fills: suspect,
      called: [],
      ...(stranger.wallet !== undefined && { stranger: stranger.wallet }),
    };
  }
  await markets.learn(facts.flatMap(marketWanted), asking);
  const counted = withOccurrence(facts);
  const entries = counted.map(({ one, occurrence }) =>
    entriesOf(one, occurrence, (id) => markets.of(id)?.tokens),
  );
  const rows = entries.flatMap((entry) => (entry.kind === "row" ? entry.row : []));
  const ended = walk.problem === undefined ? [] : [walk.problem];
  const doubts = problemsOf(parsed);
  return {
    called: facts.flatMap(({ token, alias }) => (token === undefined ? [] : [{ token, alias }])),
    ledger: partialIf(rows, [...ended, ...doubts, ...problemsOf(entries)]),
    fills: {
      ...partialIf(counted.flatMap(fillOf), [...ended, ...doubts]),
      ...(walk.end === "whole" && doubts.length === 0 && { coverage: { fromMs, toMs } }),
    },
  };
}

/** Only what moves both outcomes needs to know which they are. */
function marketWanted({ effect, conditionId }: ActivityFacts): readonly string[] {
  return effect.kind === "both" && conditionId !== undefined ? [conditionId] : [];
}

interface Counted {
  readonly one: ActivityFacts;
  readonly occurrence: number;
}

/**
 * Rows of one transaction can be alike in everything; all of a transaction have one time, and windows begin with a whole
 * second, so the count is the same in every read.
 */
function withOccurrence(facts: readonly ActivityFacts[]): readonly Counted[] {
  const seen = new Map<string, number>();
  return facts.map((one) => {
    const occurrence = seen.get(one.key) ?? 0;
    seen.set(one.key, occurrence + 1);
    return { one, occurrence };
  });
}

function fillOf({ one: { trade, key }, occurrence }: Counted): readonly FillRow[] {
  return trade === undefined ? [] : [{ ...trade, tradeId: `${key}:${occurrence}` }];
}
