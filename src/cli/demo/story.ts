// The demo's story: a little bot with a JSON file of its own, a human at the same account, and four ways in which
// the two drift apart. Each act changes the account or the file and says what has happened; trueup is told nothing.
import { decimal } from "../../core/index.ts";
import type { PaperVenue } from "../../venues/paper/index.ts";

export interface Stage {
  readonly venue: PaperVenue;
  /** The bot's own file, as the bot reads and writes it. */
  readonly file: {
    read(): Record<string, unknown>;
    write(rows: Record<string, unknown>): void;
  };
}

export interface Act {
  readonly title: string;
  /** What happens, in a sentence for whoever watches. */
  readonly text: string;
  play(stage: Stage): void;
  /** The instrument that the act is about; trueup has seen it when a pass says so. */
  readonly instrument: string;
}

const PRICES: Readonly<Record<string, string>> = {
  AAPL: "189.20",
  MSFT: "411.10",
  NVDA: "131.40",
  TSLA: "242.00",
};

export function openMarket({ venue }: Stage): void {
  for (const [instrument, price] of Object.entries(PRICES))
    venue.account.setPrice(instrument, decimal(price));
}

/** The bot buys, and writes down what it believes, with fields of its own. */
export function botBuys({ venue, file }: Stage): void {
  buy(venue, "AAPL", "10", "bot-1");
  buy(venue, "MSFT", "5", "bot-2");
  file.write({
    _comment: "the bot's own file; keys with _ are not positions",
    AAPL: { qty: 10, entry_price: 189.2, entry_score: 0.81 },
    MSFT: { qty: 5, entry_price: 411.1, entry_score: 0.64 },
  });
}

export const ACTS: readonly Act[] = [
  {
    title: "A manual close",
    text: "the owner sells the 5 MSFT by hand; the bot's file still has them",
    instrument: "MSFT",
    play: ({ venue }) => {
      venue.account.setPrice("MSFT", decimal("414.30"));
      venue.account.submit({ instrument: "MSFT", side: "sell", type: "market", qty: decimal("5") });
    },
  },
  {
    title: "A lost fill",
    text: "an order of the bot buys 4 more AAPL, the stream says nothing, the bot never hears of it",
    instrument: "AAPL",
    play: ({ venue }) => {
      venue.misbehave({ isStreamSilent: true });
      buy(venue, "AAPL", "4", "bot-3");
      venue.misbehave({});
    },
  },
  {
    title: "A stale phantom",
    text: "after a crash the bot restores an old file: 7 TSLA that were never bought",
    instrument: "TSLA",
    play: ({ file }) => {
      file.write({ ...file.read(), TSLA: { qty: 7, entry_price: 240, entry_score: 0.77 } });
    },
  },
  {
    title: "A trade that opens and closes between two checks",
    text: "NVDA is bought and sold while nobody looks and the stream is silent",
    instrument: "NVDA",
    play: ({ venue }) => {
      venue.misbehave({ isStreamSilent: true });
      buy(venue, "NVDA", "3", "bot-4");
      venue.account.setPrice("NVDA", decimal("133.90"));
      venue.account.submit({
        instrument: "NVDA",
        clientOrderId: "bot-5",
        side: "sell",
        type: "market",
        qty: decimal("3"),
      });
      venue.misbehave({});
    },
  },
];

function buy(venue: PaperVenue, instrument: string, qty: string, clientOrderId: string): void {
  venue.account.submit({ instrument, clientOrderId, side: "buy", type: "market", qty: decimal(qty) });
}
