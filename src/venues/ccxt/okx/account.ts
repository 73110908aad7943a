// One account on OKX: joins the other files into what a venue is asked for.
import type { Instrument, Leg, OrderLookup, PositionLookup } from "../../../core/index.ts";
import type { Finding } from "../../finding.ts";
import type {
  AmendCommand,
  CancelCommand,
  CommandOutcome,
  DeadManCommand,
  History,
  OrderQuery,
  PriceTick,
  Snapshot,
  SubmitCommand,
} from "../../venue.ts";
import { newAsking } from "../../wire/asking.ts";
import type { StreamProtocol } from "../../wire/conversation.ts";
import { listOf, problemsOf } from "../../wire/sections.ts";
import type { Exchange, Params } from "../exchange.ts";
import type { Account, ProfileParts } from "../profile.ts";
import { Spelled } from "../spelled.ts";
import { ask } from "./ask.ts";
import { checkup } from "./checkup.ts";
import { amend, type CommandParts, cancel, deadMan, submit } from "./commands.ts";
import { readHistory } from "./history.ts";
import { INST_TYPES, type InstType, instIdOf, instrumentSpec } from "./instruments.ts";
import { ALGO, parseAlgoOrder, parseOrder, parsePosition } from "./parse.ts";
import { readTickers } from "./prices.ts";
import { merged, type ReadParts, readSnapshot } from "./reads.ts";
import { protocolOf } from "./stream.ts";

/** ccxt's words for kinds of markets, and OKX's. */
const KINDS: Readonly<Record<string, InstType>> = {
  spot: "SPOT",
  swap: "SWAP",
  future: "FUTURES",
  option: "OPTION",
};

export class OkxAccount implements Account {
  private readonly parts: ProfileParts;
  private readonly spelled: Spelled;
  private readonly instTypes: readonly InstType[];

  constructor(parts: ProfileParts) {
    this.parts = parts;
    this.spelled = new Spelled(parts.markets, {
      marketTypes: parts.marketTypes,
      idOf: ({ id }) => id,
      isName: (text) => this.instrument(text) !== undefined,
    });
    const wanted = parts.marketTypes.flatMap((type) => KINDS[type] ?? []);
    this.instTypes = INST_TYPES.filter((type) => wanted.includes(type));
    const { exchange, marketTypes } = parts;
    // Without a list of currencies, which would need the keys and names nothing here.
    Object.assign(exchange.has, { fetchCurrencies: false });
    exchange.options.fetchMarkets = { types: [...marketTypes] };
  }

  instrument(symbol: string): Instrument | undefined {
    const inst = instIdOf(symbol);
    return inst && instrumentSpec(inst, this.parts.markets.of(symbol));
  }

  named(spelling: string): readonly string[] {
    return this.spelled.named(spelling);
  }

  lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    return readTickers(this.parts.client, instruments);
  }

  async snapshot(): Promise<Snapshot> {
    const [snapshot] = await Promise.all([readSnapshot(this.readParts()), this.parts.markets.ready()]);
    return snapshot;
  }

  async history(fromMs: number): Promise<History> {
    // Sizes of contracts, for what the fills moved; where they cannot be had, the balances tell.
    await this.parts.markets.ready();
    return readHistory(this.readParts(), fromMs, this.parts.clock.nowMs());
  }

  /**
   * "If the instrument ever had position and its open interest is 0, it will return the position information": such a row of
   * size zero says flat. An empty list says that it was never held, or that it ended more than 30 days ago; of a
   * position that was held lately it is no answer.
   */
  async position(instrument: string, leg: Leg): Promise<PositionLookup> {
    const inst = instIdOf(instrument);
    if (!inst) return unknown(`OKX has no instrument ${instrument}`);
    if (inst.instType === "SPOT") return unknown("coins are told by the balances, and not one by one");
    const answer = await ask(this.parts.client, `the position of ${instrument}`, "account/positions", {
      instId: inst.instId,
    });
    const listed = listOf(`the position of ${instrument}`, answer);
    if (listed.kind === "failed") return unknown(listed.problem);
    const parsed = listed.items.map(parsePosition);
    const problem = problemsOf(parsed)[0];
    if (problem !== undefined) return unknown(problem);
    const rows = merged(parsed.flatMap((one) => (one.kind === "row" ? [one.row] : [])));
    const row = rows.find((one) => one.instrument === instrument && one.leg === leg);
    if (row) return { kind: "row", row };
    return unknown(`OKX answered without a row of ${instrument}, and states flat by one of size zero`);
  }

  async order({ instrument, venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    const inst = instIdOf(instrument);
    if (!inst) return unknown(`OKX has no instrument ${instrument}`);
    if (venueOrderId?.startsWith(ALGO)) return this.stop(venueOrderId.slice(ALGO.length));
    const id = venueOrderId === undefined ? { clOrdId: clientOrderId } : { ordId: venueOrderId };
    const name = venueOrderId ?? clientOrderId;
    if (name === undefined) return unknown("an order cannot be looked up without an id");
    const answer = await ask(this.parts.client, "the order", "trade/order", { instId: inst.instId, ...id });
    const found = await this.found(answer, parseOrder);
    if (found.kind !== "row") return found;
    const { row } = found;
    const isAsked = venueOrderId === undefined ? row.clientOrderId === name : row.venueOrderId === name;
    return isAsked ? found : unknown(`asked for the order ${name}, OKX answered for ${row.venueOrderId}`);
  }

  private async stop(algoId: string): Promise<OrderLookup> {
    const answer = await ask(this.parts.client, "the stop", "trade/order-algo", { algoId });
    return this.found(answer, parseAlgoOrder);
  }

  private async found(
    answer: Awaited<ReturnType<typeof ask>>,
    parse: typeof parseOrder,
  ): Promise<OrderLookup> {
    if (answer.kind === "notFound") return { kind: "none" };
    const listed = listOf("the order", answer);
    if (listed.kind === "failed") return unknown(listed.problem);
    if (listed.items.length !== 1) return unknown(`the order was answered with ${listed.items.length} rows`);
    const parsed = parse(listed.items[0]);
    return parsed.kind === "row" ? parsed : unknown(parsed.problem);
  }

  submit(command: SubmitCommand): Promise<CommandOutcome> {
    return submit(command, this.commandParts());
  }

  cancel(command: CancelCommand): Promise<CommandOutcome> {
    return cancel(command, this.commandParts());
  }

  deadMan(command: DeadManCommand): Promise<CommandOutcome> {
    return deadMan(command, this.commandParts());
  }

  amend(command: AmendCommand): Promise<CommandOutcome> {
    return amend(command, this.commandParts());
  }

  protocol(): StreamProtocol {
    const { exchange, client } = this.parts;
    const okx = exchange as OkxExchange;
    const url = okx.getUrl("users", "private");
    return protocolOf({
      url,
      words: client.words,
      instTypes: this.instTypes,
      login: () => loginOf(okx),
    });
  }

  checkup(): Promise<readonly Finding[]> {
    const { client, clock } = this.parts;
    return checkup({ client, clock, instTypes: this.instTypes });
  }

  private readParts(): ReadParts {
    return { client: this.parts.client, instTypes: this.instTypes, asking: newAsking(this.parts.clock) };
  }

  private commandParts(): CommandParts {
    const { client, clock, options } = this.parts;
    const marginMode = options.defaultMarginMode === "isolated" ? "isolated" : "cross";
    return { client, clock, marginMode, spotMode: options.spotMode === "cross" ? "cross" : "cash" };
  }
}

/** What this exchange of ccxt's has besides the common. */
interface OkxExchange extends Exchange {
  getUrl(channel: string, access: string): string;
  authenticate(params: Params): Promise<unknown>;
}

/**
 * The login as ccxt writes and signs it. It would send it on a connection of its own: here it is asked for it with a
 * connection that only takes down what is to be said. It says so before it waits for anything.
 */
function loginOf(okx: OkxExchange): string {
  let login: unknown;
  const wire = {
    client: () => ({ reusableFuture: () => Promise.resolve(true), subscriptions: {} }),
    watch: (_url: string, _name: string, message: unknown) => {
      login = message;
      return Promise.resolve(true);
    },
  };
  const scribe: OkxExchange = Object.assign(Object.create(okx), wire);
  const done = scribe.authenticate({});
  done.catch(() => undefined);
  return JSON.stringify(login);
}

function unknown(problem: string): { readonly kind: "unknown"; readonly problem: string } {
  return { kind: "unknown", problem };
}
