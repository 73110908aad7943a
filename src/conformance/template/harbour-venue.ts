// Harbour as a venue: joins the other files into the contract's answers.

import type { Instrument, Leg, OrderLookup, PositionLookup } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import {
  type AmendCommand,
  type CancelCommand,
  type CommandOutcome,
  type History,
  type OrderQuery,
  type Snapshot,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../../venues/index.ts";
import { isObject } from "../../venues/wire/fields.ts";
import { unsent } from "../../venues/wire/outcome.ts";
import { sectionOfList } from "../../venues/wire/sections.ts";
import type { FailureWords } from "../../venues/wire/words.ts";
import type { HarbourClient } from "./client.ts";
import { CAPABILITIES } from "./declaration.ts";
import { outcomeOf } from "./outcome.ts";
import { proven, readList } from "./pages.ts";
import { parseBalance, parseEntry, parseFill, parseOrder, parsePosition } from "./parse.ts";
import { instrumentFor, venueSymbolOf } from "./symbols.ts";

export interface HarbourParts {
  readonly client: HarbourClient;
  readonly words: FailureWords;
  readonly clock: Clock;
  readonly rateLeft: () => number;
  readonly stream: NonNullable<Venue["stream"]>;
}

export class HarbourVenue implements Venue {
  readonly name = "harbour";
  readonly capabilities = CAPABILITIES;
  readonly stream: NonNullable<Venue["stream"]>;
  readonly rateLeft: () => number;
  private readonly parts: HarbourParts;

  constructor(parts: HarbourParts) {
    this.parts = parts;
    this.stream = parts.stream;
    this.rateLeft = parts.rateLeft;
  }

  instrument(symbol: string): Instrument | undefined {
    return venueSymbolOf(symbol) === undefined ? undefined : instrumentFor(symbol);
  }

  async snapshot(): Promise<Snapshot> {
    const { client, clock } = this.parts;
    const [account, positions, orders] = await Promise.all([
      client.get("the account", "/account"),
      readList(client, clock, { what: "the positions", path: "/positions" }, parsePosition),
      readList(client, clock, { what: "the orders", path: "/orders" }, parseOrder),
    ]);
    const value = account.kind === "answer" && isObject(account.value) ? account.value : undefined;
    const balances =
      account.kind === "failed"
        ? unavailable(account.problem)
        : sectionOfList("the balances", { kind: "answer", value: value?.balances }, parseBalance);
    return {
      ...(typeof value?.id === "string" && { venueAccountId: value.id }),
      positions,
      orders,
      balances,
    };
  }

  async history(fromMs: number): Promise<History> {
    const { client, clock } = this.parts;
    const toMs = clock.nowMs();
    const query = { from: String(Math.floor(fromMs)) };
    const [fills, ledger] = await Promise.all([
      readList(client, clock, { what: "the fills", path: "/fills", query }, parseFill),
      readList(client, clock, { what: "the entries", path: "/ledger", query }, parseEntry),
    ]);
    // What may still come late is not proven yet.
    const provenToMs = toMs - CAPABILITIES.fills.lateArrivalMs;
    return { fills: provenToMs > fromMs ? proven(fills, fromMs, provenToMs) : fills, ledger };
  }

  async position(instrument: string, leg: Leg): Promise<PositionLookup> {
    const symbol = venueSymbolOf(instrument);
    if (symbol === undefined) return unknown(`Harbour does not trade ${instrument}`);
    const answer = await this.parts.client.get(`the position of ${instrument}`, `/positions/${symbol}`, {
      leg,
    });
    if (answer.kind === "failed") return unknown(answer.problem);
    if (answer.kind === "notFound") {
      return answer.code === "no_position" ? { kind: "none" } : unknown(`HTTP 404 (${answer.code})`);
    }
    const row = parsePosition(answer.value);
    if (row.kind === "problem") return unknown(row.problem);
    if (row.row.instrument !== instrument || row.row.leg !== leg)
      return unknown("another position was answered");
    return row;
  }

  async order({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    const query =
      venueOrderId !== undefined
        ? { id: venueOrderId }
        : clientOrderId !== undefined
          ? { client_id: clientOrderId }
          : {};
    const answer = await this.parts.client.get("the order", "/orders/find", query);
    if (answer.kind === "failed") return unknown(answer.problem);
    if (answer.kind === "notFound") {
      return answer.code === "no_order" ? { kind: "none" } : unknown(`HTTP 404 (${answer.code})`);
    }
    const row = parseOrder(answer.value);
    if (row.kind === "problem") return unknown(row.problem);
    const isAsked =
      venueOrderId !== undefined
        ? row.row.venueOrderId === venueOrderId
        : row.row.clientOrderId === clientOrderId;
    return isAsked ? row : unknown("another order was answered");
  }

  async submit(command: SubmitCommand): Promise<CommandOutcome> {
    const { instrument, clientOrderId, leg, side, type, qty, price, timeInForce, reduceOnly } = command;
    const symbol = venueSymbolOf(instrument);
    const { types, timesInForce } = CAPABILITIES.commands;
    if (symbol === undefined) return unsent(`Harbour does not trade ${instrument}`);
    if (qty === undefined || command.notional !== undefined)
      return unsent("an order at Harbour has a quantity");
    if (!types.includes(type)) return unsent(`Harbour has no ${type} orders; it has ${types.join(" and ")}`);
    if (!timesInForce.includes(timeInForce)) return unsent(`Harbour has no ${timeInForce}`);
    const body = {
      symbol,
      client_id: clientOrderId,
      leg,
      side,
      type,
      size: qty,
      tif: timeInForce,
      reduce_only: reduceOnly ? "yes" : "no",
      ...(price !== undefined && { price }),
    };
    const reply = await this.parts.client.command("/orders", body);
    return outcomeOf(reply, this.parts.words, (row) => row.clientOrderId === clientOrderId);
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    return this.change("/orders/cancel", command, {});
  }

  async amend({
    qty,
    price,
    triggerPrice,
    newClientOrderId: _,
    ...id
  }: AmendCommand): Promise<CommandOutcome> {
    if (triggerPrice !== undefined) return unsent("Harbour has no stop orders");
    return this.change("/orders/amend", id, {
      ...(qty !== undefined && { size: qty }),
      ...(price !== undefined && { price }),
    });
  }

  private async change(
    path: string,
    { venueOrderId, clientOrderId }: CancelCommand,
    more: object,
  ): Promise<CommandOutcome> {
    if (venueOrderId === undefined && clientOrderId === undefined)
      return unsent("an order cannot be named without an id");
    const id = venueOrderId === undefined ? { client_id: clientOrderId } : { id: venueOrderId };
    const reply = await this.parts.client.command(path, { ...id, ...more });
    return outcomeOf(reply, this.parts.words, (row) =>
      venueOrderId === undefined ? row.clientOrderId === clientOrderId : row.venueOrderId === venueOrderId,
    );
  }
}

function unknown(problem: string) {
  return { kind: "unknown", problem } as const;
}
