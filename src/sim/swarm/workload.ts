// What bots, people and the venue itself do on a simulated account: one thing at a time, drawn by seed. Some of it is in
// the fault table (a liquidation, a manual trade) and happens where the seed drew it.
import { type Decimal, decimal, type Leg, type Side, TIMES_IN_FORCE } from "../../core/index.ts";
import type { CommandResult, Flattened, Session } from "../../engine/index.ts";
import type { Referee } from "../referee/referee.ts";
import { BRACKET, ExitWork } from "./exit-work.ts";
import type { FaultId, FaultPlan } from "./faults.ts";
import { Grid } from "./grid.ts";
import type { Habits } from "./habits.ts";
import type { BotStore } from "./mirrors.ts";
import type { SeededRandom } from "./random.ts";
import type { StopTrouble } from "./stop-trouble.ts";
import { times } from "./times.ts";

export const STRATEGIES = { momentum: "mom-", carry: "car-" } as const;
/** A bot that trades on the account without trueup, under a prefix that trueup knows. */
const OTHER_PREFIX = "grid-";
export const OTHER_STRATEGY = { grid: OTHER_PREFIX } as const;

export interface WorkloadOptions {
  readonly account: string;
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
  readonly habits: Habits;
  readonly referee: Referee;
  readonly mirror: BotStore;
  /** How often the bot orders, among all that it and the market do. */
  readonly orderShare: number;
  /** What a bot draws from that also keeps a grid of orders; null where none does. */
  readonly ofGrid: SeededRandom | null;
  /** What everything about exits is drawn from; null where nobody asks for any. */
  readonly ofExits: SeededRandom | null;
  /** What goes wrong with exits that lie at the venue; null where none do. */
  readonly stops: StopTrouble | null;
  readonly session: () => Session | undefined;
  /** The bot gives an order, or gives it again. */
  readonly onOrder: (intentId: string) => void;
  /** What a bot was told about its order. */
  readonly onAnswer: (intent: Intent, result: CommandResult) => void;
  /** What a person was told of a plan to close positions. */
  readonly onFlattened: (result: Flattened) => void;
  readonly note: (text: string) => void;
}

type Intent = Parameters<Session["submit"]>[0];

export class Workload {
  readonly intents: string[] = [];
  private readonly options: WorkloadOptions;
  private readonly ordered = new Map<string, Intent>();
  private readonly grid: Grid | null;
  private readonly exits: ExitWork | null;
  private amendments = 0;
  private others = 0;

  constructor(options: WorkloadOptions) {
    this.options = options;
    const { ofGrid, ofExits, stops, habits, referee, session, note } = options;
    const ofNotes = stops && ofExits ? ofExits.fork("notes") : null;
    const send = (intent: Intent) => this.send(intent);
    this.grid = ofGrid && new Grid({ random: ofGrid, habits, referee, session, note, send });
    this.exits = ofExits && new ExitWork({ ...options, random: ofExits, send, ofNotes });
  }

  /** One thing happens. */
  next(): void {
    const { random } = this.options;
    this.grid?.next();
    this.exits?.next();
    this.options.stops?.next(this.options.referee);
    if (this.happensToTheAccount()) return;
    if (random.chance(this.options.orderShare)) {
      if (random.chance(0.15)) this.repeat();
      else this.order();
      return;
    }
    const what = random.int(0, 11);
    if (what <= 1) this.cancel();
    else if (what <= 4) this.amend();
    else if (what === 5) this.note();
    else this.move();
  }

  /** An order of the bot's, on the way to its answer. */
  order(): void {
    const { random, habits } = this.options;
    const instrument = random.pick(habits.instruments).symbol;
    const intentId = `i-${this.intents.length}-${random.int(0, 0xffffff).toString(16)}`;
    this.intents.push(intentId);
    const { leg, side } = this.direction();
    const type = random.pick(["market", "market", "market", "limit", "limit", "stop"] as const);
    const isLimit = type === "limit";
    const asked: Intent = {
      intentId,
      instrument,
      leg,
      side,
      type,
      qty: this.qty(instrument),
      ...(isLimit && { price: this.price(instrument) }),
      ...(type === "stop" && { triggerPrice: this.price(instrument) }),
      timeInForce: isLimit && random.chance(0.2) ? random.pick(TIMES_IN_FORCE) : "gtc",
      reduceOnly: habits.capabilities.commands.reduceOnlyFlag && random.chance(0.15),
      strategy: random.pick(["momentum", "carry"]),
    };
    const exit = asked.reduceOnly ? undefined : this.exits?.planFor(instrument, side);
    const intent = exit === undefined ? asked : { ...asked, exit };
    this.ordered.set(intentId, intent);
    this.send(intent);
  }

  private send(intent: Intent): void {
    this.options.note(`the bot orders ${JSON.stringify(intent)}`);
    this.options.onOrder(intent.intentId);
    this.options
      .session()
      ?.submit(intent, "bot")
      .then(
        (result) => this.options.onAnswer(intent, result),
        () => undefined,
      );
  }

  /** Somebody trades before anybody looks. */
  trade(): void {
    const { random, habits, referee } = this.options;
    const { symbol } = random.pick(habits.instruments);
    const { leg, side } = this.direction();
    referee.trade({ instrument: symbol, leg, side, qty: this.qty(symbol) });
  }

  /** The bot did not hear, and says it again. */
  private repeat(): void {
    const { random } = this.options;
    const known = this.intents.length > 0 && this.ordered.get(random.pick(this.intents));
    if (known) this.send(known);
  }

  private cancel(): void {
    const { random, referee, session } = this.options;
    const open = referee
      .orders()
      .filter(({ status }) => status === "open" || status === "partially_filled")
      // Another bot's stops are not its own.
      .filter(({ clientOrderId = "" }) => !clientOrderId.startsWith(BRACKET));
    if (open.length === 0) return;
    const { instrument, clientOrderId, venueOrderId } = random.pick(open);
    this.options.note(`the bot cancels ${clientOrderId ?? venueOrderId}`);
    const handle = {
      instrument,
      ...(clientOrderId !== undefined ? { clientOrderId } : { venueOrderId: venueOrderId ?? "" }),
    };
    session()
      ?.cancel(handle, "bot")
      .catch(() => undefined);
  }

  private amend(): void {
    const { random, referee, session, habits } = this.options;
    if (habits.capabilities.commands.amend === "none") return;
    const open = referee
      .orders()
      .filter(({ status, clientOrderId }) => status === "open" && clientOrderId !== undefined);
    if (open.length === 0) return;
    const { instrument, clientOrderId = "" } = random.pick(open);
    this.amendments += 1;
    const intentId = `a-${this.amendments}`;
    this.options.note(`the bot amends ${clientOrderId}`);
    session()
      ?.amend({ intentId, instrument, clientOrderId, qty: this.qty(instrument) }, "bot")
      .catch(() => undefined);
  }

  /** An order of the bot trades, in part where the market is thin, and somebody cancels what is left of it. */
  tradeAndCancel(random: SeededRandom): void {
    const { referee, faults, note } = this.options;
    const resting = referee.orders().filter(({ status, type }) => status === "open" && type === "limit");
    if (resting.length === 0) return;
    const { instrument, venueOrderId, price } = random.pick(resting);
    if (price === undefined || venueOrderId === undefined) return;
    const last = referee.lastPrice(instrument);
    referee.setPrice(instrument, price);
    const filled = referee.find({ venueOrderId })?.filledQty;
    if (referee.cancel({ instrument, venueOrderId }).kind === "accepted" && filled !== undefined) {
      note(`somebody cancels order ${venueOrderId} of ${instrument}, of which ${filled} is filled`);
      if (filled !== "0") faults.note("partial_then_cancel", venueOrderId);
    }
    referee.setPrice(instrument, last);
  }

  private note(): void {
    const { random, habits, mirror } = this.options;
    mirror.note(random.pick(habits.instruments).symbol, `thesis ${random.int(1, 99)}`).catch(() => undefined);
  }

  private move(): void {
    const { random, referee, habits } = this.options;
    const { symbol } = random.pick(habits.instruments);
    const last = this.price(symbol);
    this.options.note(`${symbol} trades at ${last}`);
    referee.setPrice(symbol, last);
  }

  /** What the fault table has of the account, where the seed drew it. */
  private happensToTheAccount(): boolean {
    const { random, faults, referee, habits, mirror } = this.options;
    const { symbol } = random.pick(habits.instruments);
    const { leg, side } = this.direction();
    const settles = habits.instruments.find((one) => one.symbol === symbol)?.quote ?? "USD";
    const strikes = (fault: FaultId, work: () => unknown): boolean => {
      if (!faults.strikes(fault, symbol)) return false;
      this.options.note(`${fault} of ${symbol}`);
      if (work() === false) faults.forget();
      return true;
    };
    return (
      strikes("manual_trade", () =>
        referee.trade({ instrument: symbol, leg, side, qty: this.qty(symbol) }),
      ) ||
      strikes("other_strategy", () => {
        this.others += 1;
        const clientOrderId = `${OTHER_PREFIX}${this.others}`;
        return referee.trade({ instrument: symbol, leg, side, qty: this.qty(symbol), clientOrderId });
      }) ||
      strikes("liquidation", () => referee.force(symbol, leg, "liquidation", random.pick(["all", "half"]))) ||
      strikes("adl", () => referee.force(symbol, leg, "adl", "half")) ||
      strikes("settlement", () => referee.settle(symbol, leg)) ||
      strikes("split", () => referee.split(symbol, leg, random.pick([2, 3, 10]))) ||
      strikes("funding", () => referee.money(settles, this.amount(), "funding")) ||
      strikes("transfer", () => referee.money(settles, this.amount(), "transfer")) ||
      strikes("drift", () => referee.drift(settles, this.amount())) ||
      strikes("fill_reversed", () => referee.bust(symbol)) ||
      strikes("overfill", () => referee.overfill(symbol)) ||
      strikes("venue_cancels", () => referee.expire(symbol, random.pick(["canceled", "expired"]))) ||
      strikes("mass_cancel", () => referee.cancelAll()) ||
      strikes("mirror_overwritten", () => mirror.overwrite())
    );
  }

  private direction(): { readonly leg: Leg; readonly side: Side } {
    const { random, habits } = this.options;
    const side = random.pick(["buy", "sell"] as const);
    return { side, leg: habits.positionMode === "hedge" ? random.pick(["long", "short"] as const) : "net" };
  }

  /** One to nine steps of the instrument's quantity. */
  private qty(symbol: string): Decimal {
    const { random, habits } = this.options;
    const step = habits.instruments.find((one) => one.symbol === symbol)?.qtyStep ?? decimal("1");
    return times(step, random.int(1, 12));
  }

  /** Within a fifth of where it trades, in cents. */
  private price(symbol: string): Decimal {
    const { random, habits } = this.options;
    const cents = BigInt(habits.prices[symbol] ?? "100") * BigInt(random.int(80, 120));
    return decimal(`${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`);
  }

  private amount(): Decimal {
    const { random } = this.options;
    const sign = random.chance(0.5) ? "-" : "";
    // Also less than what an owner takes for equal.
    if (random.chance(0.1)) return decimal(`${sign}0.00${random.int(1, 9)}`);
    return decimal(`${sign}${random.int(1, 90)}.${random.pick(["5", "25", "17"])}`);
  }
}
