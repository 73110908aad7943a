// USD-M futures as a venue: it joins the other files into the contract's answers. What Binance's words mean is in the
// parsers, how it is asked in client.ts and the readers.
import {
  type BalanceRow,
  type Instrument,
  isZero,
  type Leg,
  type OrderLookup,
  type PositionLookup,
  type PositionRow,
  type Section,
} from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Finding } from "../finding.ts";
import {
  type AmendCommand,
  type CancelAllCommand,
  type CancelCommand,
  type CommandOutcome,
  type DeadManCommand,
  type History,
  type OrderQuery,
  type PriceTick,
  type Snapshot,
  type StreamEvent,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../venue.ts";
import type { Answer } from "../wire/answer.ts";
import { type Asking, newAsking } from "../wire/asking.ts";
import { keepingFetch } from "../wire/kept.ts";
import { listOf, partialIf, problemsOf, sectionOf } from "../wire/sections.ts";
import { checkup } from "./checkup.ts";
import type { BinanceClient } from "./client.ts";
import {
  amendUsdm,
  cancelAllUsdm,
  cancelUsdm,
  deadManUsdm,
  submitUsdm,
  type UsdmCommandParts,
} from "./commands-usdm.ts";
import { USDM_CAPABILITIES } from "./declaration.ts";
import { readUsdmMessage } from "./events-usdm.ts";
import { readHistory } from "./history-usdm.ts";
import { Pace } from "./income.ts";
import { Listing } from "./listing.ts";
import { UsdmOrders } from "./orders-usdm.ts";
import { Origins } from "./origins.ts";
import { parseBalance, parsePosition } from "./parse-usdm.ts";
import { parseOrder } from "./parse-usdm-order.ts";
import { readQuotes } from "./prices.ts";
import { Symbols } from "./symbols.ts";
import { Touched } from "./touched.ts";
import type { VenueParts } from "./venue-parts.ts";

export class UsdmVenue implements Venue {
  readonly name = "binance";
  readonly capabilities = USDM_CAPABILITIES;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly prices?: NonNullable<Venue["prices"]>;
  private readonly parts: VenueParts;
  private readonly client: BinanceClient;
  private readonly clock: Clock;
  private readonly symbols = new Symbols("usdm");
  private readonly listing: Listing;
  private readonly orders: UsdmOrders;
  private readonly origins: Origins;
  private readonly touched = new Touched();
  private readonly pace = new Pace();

  constructor(parts: VenueParts) {
    this.parts = parts;
    this.client = parts.client;
    this.clock = parts.clock;
    this.listing = new Listing(this.symbols, parts.clock);
    this.orders = new UsdmOrders(this.symbols);
    this.origins = new Origins({
      symbols: this.symbols,
      path: "/fapi/v1/allOrders",
      onePath: "/fapi/v1/order",
      forcedPath: "/fapi/v1/forceOrders",
      parse: (item) => parseOrder(item, this.symbols),
    });
    const { openStream, openPrices } = parts;
    if (openStream) this.stream = openStream((message) => this.read(message));
    if (openPrices) this.prices = openPrices(this.symbols);
  }

  instrument(symbol: string): Instrument | undefined {
    return this.symbols.spec(symbol);
  }

  named(spelling: string): readonly string[] {
    return this.symbols.named(spelling);
  }

  lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    return readQuotes(this.client, this.symbols, instruments);
  }

  rateLeft(): number {
    return this.parts.rateLeft();
  }

  async snapshot(): Promise<Snapshot> {
    await this.client.measure();
    const atMs = this.client.nowMs();
    await this.listing.refresh(this.client, this.touched.since(0));
    const [positions, orders, balances] = await Promise.all([
      this.positions(this.client),
      this.orders.open(this.client),
      this.balances(this.client),
    ]);
    for (const { instrument } of [...positions.rows, ...orders.rows]) this.touch(instrument, atMs);
    if (positions.quality === "complete" && orders.quality === "complete") this.touched.noteWhole(atMs);
    const { venueAccountId, ...section } = balances;
    return { ...(venueAccountId !== undefined && { venueAccountId }), positions, orders, balances: section };
  }

  history(fromMs: number): Promise<History> {
    return this.historyOver(this.client, fromMs, newAsking(this.clock));
  }

  private async historyOver(client: BinanceClient, fromMs: number, asking: Asking): Promise<History> {
    const { symbols, touched, origins, pace } = this;
    const parts = { client, symbols, touched, origins, asking, pace };
    const { fills, ...rest } = await readHistory(parts, fromMs);
    if (fills === undefined) return rest;
    return { ...rest, fills: { ...fills, rows: fills.rows.map((fill) => this.orders.ofWhole(fill)) } };
  }

  /** By the older list, which has a row for a symbol also where nothing is held: so a zero is said, not left out. */
  async position(instrument: string, leg: Leg): Promise<PositionLookup> {
    const symbol = this.symbols.symbolOf(instrument);
    if (symbol === undefined) return unknown(`${instrument} is no instrument of USD-M futures`);
    const what = `the position of ${symbol}`;
    const listed = listOf(what, await this.client.get(what, "/fapi/v2/positionRisk", { symbol }));
    if (listed.kind === "failed") return unknown(listed.problem);
    const parsed = listed.items.map((item) => parsePosition(item, this.symbols));
    const [problem] = problemsOf(parsed);
    if (problem !== undefined) return unknown(problem);
    const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
    const other = rows.find((row) => row.instrument !== instrument);
    if (other)
      return unknown(`asked for the position of ${instrument}, Binance answered for ${other.instrument}`);
    // In the other mode a row of zero is still written for this one's leg; it proves nothing of what is held.
    const strange = rows.find((one) => !this.isOfMode(one) && !isZero(one.qty));
    if (strange) return unknown(this.otherModeText(strange));
    const row = rows.find((one) => one.leg === leg);
    if (row) return { kind: "row", row };
    return unknown(
      `${what} was answered without a ${leg} leg; look whether the account's position mode was changed`,
    );
  }

  order(query: OrderQuery): Promise<OrderLookup> {
    return this.orders.find(this.client, query);
  }

  submit(command: SubmitCommand): Promise<CommandOutcome> {
    this.touch(command.instrument, this.client.nowMs());
    return submitUsdm(command, this.commandParts());
  }

  cancel(command: CancelCommand): Promise<CommandOutcome> {
    this.touch(command.instrument, this.client.nowMs());
    return cancelUsdm(command, this.commandParts());
  }

  cancelAll(command: CancelAllCommand): Promise<CommandOutcome> {
    if (command.instrument !== undefined) this.touch(command.instrument, this.client.nowMs());
    return cancelAllUsdm(command, this.commandParts());
  }

  deadMan(command: DeadManCommand): Promise<CommandOutcome> {
    return deadManUsdm(command, this.commandParts());
  }

  amend(command: AmendCommand): Promise<CommandOutcome> {
    this.touch(command.instrument, this.client.nowMs());
    return amendUsdm(command, this.commandParts());
  }

  readonly raw: Required<Venue>["raw"] = async (section, fromMs) => {
    const kept: import("../venue.ts").RawAnswer[] = [];
    const client = this.client.over((send) => keepingFetch(send, kept, this.parts.secrets));
    if (section === "positions") await this.positions(client);
    else if (section === "orders") await this.orders.open(client);
    else if (section === "balances") await this.balances(client);
    else await this.historyOver(client, fromMs, newAsking(this.clock));
    return kept;
  };

  checkup(): Promise<readonly Finding[]> {
    return checkup(this.parts);
  }

  private commandParts(): UsdmCommandParts {
    const { send, words, clock } = this.parts;
    const lookup = (query: OrderQuery) => this.orders.find(this.client, query);
    return { send, words, clock, symbols: this.symbols, positionMode: this.parts.positionMode, lookup };
  }

  private async positions(client: BinanceClient): Promise<Section<PositionRow>> {
    const answer = await client.get("the positions", "/fapi/v3/positionRisk");
    const listed = listOf("the positions", answer);
    if (listed.kind === "failed") return unavailable(listed.problem);
    const section = sectionOf(listed.items.map((item) => parsePosition(item, this.symbols)));
    // One mode has no rows of the other's legs but empty ones.
    const strange = section.rows.find((row) => !this.isOfMode(row) && !isZero(row.qty));
    const rows = section.rows.filter((row) => this.isOfMode(row));
    if (strange === undefined) return { ...section, rows };
    const problems = section.problem === undefined ? [] : [section.problem];
    return partialIf(rows, [...problems, this.otherModeText(strange)]);
  }

  private isOfMode({ leg }: PositionRow): boolean {
    return (leg === "net") === (this.parts.positionMode === "net");
  }

  private otherModeText({ instrument, leg, qty }: PositionRow): string {
    return `${instrument} has ${qty} as ${leg}, but the account is configured with position_mode = "${this.parts.positionMode}"; put that right, or change the mode at Binance`;
  }

  private async balances(client: BinanceClient): Promise<Section<BalanceRow> & { venueAccountId?: string }> {
    const answer: Answer = await client.get("the balances", "/fapi/v3/balance");
    const listed = listOf("the balances", answer);
    if (listed.kind === "failed") return unavailable(listed.problem);
    const parsed = listed.items.map(parseBalance);
    const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
    const section = partialIf(
      facts.map(({ row }) => row),
      problemsOf(parsed),
    );
    const alias = facts.find(({ accountAlias }) => accountAlias !== undefined)?.accountAlias;
    return { ...section, ...(alias !== undefined && { venueAccountId: alias }) };
  }

  /** What the stream says; it also tells which symbols trade, and what a conditional order became. */
  private read(message: unknown): readonly StreamEvent[] {
    const { events, fired } = readUsdmMessage(message, this.symbols);
    if (fired) this.orders.noteFired(fired.algo, fired.orderId);
    return events.map((event) => {
      if (event.kind === "order") {
        const { instrument, venueOrderId = "", clientOrderId } = event.order;
        this.touch(instrument, this.client.nowMs());
        this.origins.note(instrument, venueOrderId, clientOrderId);
        return { ...event, order: this.orders.whole(event.order) };
      }
      if (event.kind === "fill") return { ...event, fill: this.orders.ofWhole(event.fill) };
      if (event.kind === "position") this.touch(event.position.instrument, this.client.nowMs());
      return event;
    });
  }

  private touch(instrument: string, atMs: number): void {
    const symbol = this.symbols.symbolOf(instrument);
    if (symbol !== undefined) this.touched.note(symbol, atMs);
  }
}

function unknown(problem: string): PositionLookup {
  return { kind: "unknown", problem };
}
