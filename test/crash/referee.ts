// The referee of the kills: the account at the venue, in the process that survives. It answers whichever writer is alive,
// counts at its door every order that was ever sent, and makes things happen on the account by seed.
import { decimal, type OrderIntent, type Side } from "../../src/core/index.ts";
import type { SeededRandom } from "../../src/sim/swarm/random.ts";
import type { SubmitCommand } from "../../src/venues/index.ts";
import { newPaperState, PaperAccount, PaperVenue } from "../../src/venues/paper/index.ts";
import type { Question, ToWriter } from "./wire.ts";

export const INSTRUMENTS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"] as const;

export class Referee {
  readonly account: PaperAccount;
  /** How often an order with this client order id was sent, carried out or not. */
  readonly sent = new Map<string, number>();
  private readonly venue: PaperVenue;
  private readonly random: SeededRandom;
  private intents = 0;
  /** What the bot has asked for and has not been told the end of. */
  private readonly unheard = new Map<string, OrderIntent>();

  constructor(random: SeededRandom) {
    this.random = random;
    this.account = new PaperAccount({
      state: newPaperState("referee-1", "USD", decimal("1000000")),
      feeRatio: decimal("0.001"),
      nowMs: () => Date.now(),
      onEvent: (event) => this.venue.publish(event),
    });
    this.venue = new PaperVenue(this.account);
    for (const instrument of INSTRUMENTS) this.account.setPrice(instrument, decimal("100"));
  }

  get openIntents(): readonly OrderIntent[] {
    return [...this.unheard.values()];
  }

  /** An order that was sent is counted, also where its request is lost on the way. */
  note({ method, given }: Question): void {
    if (method !== "submit") return;
    const { clientOrderId } = given[0] as SubmitCommand;
    this.sent.set(clientOrderId, (this.sent.get(clientOrderId) ?? 0) + 1);
  }

  async answer({ id, method, given }: Question, tell: (message: ToWriter) => void): Promise<void> {
    if (method === "stream") {
      await this.venue.stream((event) => tell({ kind: "event", event }));
      return tell({ kind: "answer", id, answer: null });
    }
    const ask = this.venue[method].bind(this.venue) as (...given: readonly unknown[]) => Promise<unknown>;
    tell({ kind: "answer", id, answer: await ask(...given) });
  }

  /** The writer that listened is gone. */
  disconnect(): void {
    this.venue.disconnect();
  }

  heard(intentId: string): void {
    this.unheard.delete(intentId);
  }

  /** Something happens: the bot wants an order, somebody trades by hand, a price moves. */
  happen(tell: (message: ToWriter) => void): void {
    const instrument = this.random.pick(INSTRUMENTS);
    const what = this.random.int(0, 9);
    if (what <= 4) tell({ kind: "intent", intent: this.intent(instrument) });
    else if (what <= 7) this.trade(instrument);
    else if (what === 8) this.account.setPrice(instrument, decimal(String(this.random.int(95, 105))));
    else for (const intent of this.openIntents.slice(0, 1)) tell({ kind: "intent", intent });
  }

  private intent(instrument: string): OrderIntent {
    this.intents += 1;
    const isLimit = this.random.chance(0.3);
    const intent: OrderIntent = {
      intentId: `i-${this.intents}`,
      instrument,
      leg: "net",
      side: this.random.pick<Side>(["buy", "sell"]),
      type: isLimit ? "limit" : "market",
      qty: decimal(String(this.random.int(1, 9))),
      ...(isLimit && { price: decimal(String(this.random.int(96, 104))) }),
      timeInForce: "gtc",
      reduceOnly: false,
      strategy: "momentum",
    };
    this.unheard.set(intent.intentId, intent);
    return intent;
  }

  private trade(instrument: string): void {
    for (let fills = this.random.int(1, 4); fills > 0; fills -= 1) {
      const side = this.random.pick<Side>(["buy", "sell"]);
      this.account.submit({ instrument, side, type: "market", qty: decimal("1") });
    }
  }
}
