// One account on Hyperliquid: joins the other files into what a venue is asked for.
import type { Instrument, OrderLookup } from "../../../core/index.ts";
import type { Finding } from "../../finding.ts";
import {
  type CancelCommand,
  type CommandOutcome,
  type DeadManCommand,
  type History,
  type OrderQuery,
  type Snapshot,
  type SubmitCommand,
  unavailable,
} from "../../venue.ts";
import { newAsking } from "../../wire/asking.ts";
import type { StreamProtocol } from "../../wire/conversation.ts";
import { isObject } from "../../wire/fields.ts";
import { unsent } from "../../wire/outcome.ts";
import { addressesOf } from "../addresses.ts";
import { Markets } from "../markets.ts";
import type { Account, ProfileParts } from "../profile.ts";
import { Spelled } from "../spelled.ts";
import { checkup } from "./checkup.ts";
import { cloidOf } from "./cloid.ts";
import { COINS_BY_NAME, type Coins, coinsOf } from "./coins.ts";
import { type CommandParts, cancel, deadMan, type Signer, submit } from "./commands.ts";
import { chosenDexes, Dexes } from "./dexes.ts";
import { readHistory } from "./history.ts";
import { askInfo } from "./info.ts";
import { parseOrder } from "./parse.ts";
import { readSnapshot } from "./reads.ts";
import { signerRole } from "./signer.ts";
import { protocolOf } from "./stream.ts";

/** How long the kind of the account and the list of dexes are taken for known. In ms. */
const KNOWN_MS = 600_000;

export class HyperliquidAccount implements Account {
  private readonly parts: ProfileParts;
  private readonly spelled: Spelled;
  private readonly user: string;
  private readonly vault: string | undefined;
  private readonly dexes: Dexes;
  private readonly markets: Markets;
  private dexesAtMs = Number.NEGATIVE_INFINITY;
  private isSignerKnown = false;
  private kind: { readonly isUnified: boolean; readonly atMs: number } | undefined;

  constructor(parts: ProfileParts) {
    this.parts = parts;
    const { exchange, client, clock, options } = parts;
    this.vault = typeof options.vaultAddress === "string" ? options.vaultAddress : undefined;
    this.user = this.vault ?? (exchange as Signer & { readonly walletAddress: string }).walletAddress;
    this.dexes = new Dexes(client, chosenDexes(options.dexes));
    this.markets = new Markets(exchange, clock, () => this.prepare());
    this.spelled = new Spelled(this.markets, {
      marketTypes: parts.marketTypes,
      idOf: ({ spot, id, info }) => (spot ? id : String(info.name ?? id)),
      isName: (text) => this.instrument(text) !== undefined,
    });
  }

  instrument(symbol: string): Instrument | undefined {
    return this.coins().bySymbol(symbol)?.instrument;
  }

  named(spelling: string): readonly string[] {
    return this.spelled.named(spelling);
  }

  async snapshot(): Promise<Snapshot> {
    const problem = await this.ready();
    if (problem !== undefined) {
      const section = unavailable(problem);
      return { positions: section, orders: section, balances: section, totals: section };
    }
    const first = await readSnapshot(this.readParts());
    if (!mentionsUnknownCoin([first.positions?.problem, first.orders?.problem])) return first;
    // A coin that was listed since: its name is found by loading the lists again.
    await this.markets.again();
    return readSnapshot(this.readParts());
  }

  async history(fromMs: number): Promise<History> {
    const problem = await this.ready();
    if (problem !== undefined) return { fills: unavailable(problem), ledger: unavailable(problem) };
    const { clock } = this.parts;
    const read = () => readHistory(this.readParts(), fromMs, clock.nowMs(), newAsking(clock));
    const first = await read();
    if (!mentionsUnknownCoin([first.fills?.problem, first.ledger?.problem])) return first;
    await this.markets.again();
    return read();
  }

  async order({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    const problem = await this.ready();
    if (problem !== undefined) return { kind: "unknown", problem };
    const cloid = clientOrderId === undefined ? undefined : cloidOf(clientOrderId);
    const oid = venueOrderId !== undefined && /^\d{1,15}$/.test(venueOrderId) ? Number(venueOrderId) : cloid;
    if (oid === undefined) return { kind: "unknown", problem: "an order cannot be looked up without an id" };
    const answer = await askInfo(this.parts.client, "the order", {
      type: "orderStatus",
      user: this.user,
      oid,
    });
    if (answer.kind === "notFound") return { kind: "none" };
    if (answer.kind === "failed") return { kind: "unknown", problem: answer.problem };
    const found = parseOrder(isObject(answer.value) ? answer.value.order : undefined, this.coins());
    if (found.kind === "problem") return { kind: "unknown", problem: found.problem };
    const { row } = found;
    const isAsked =
      typeof oid === "number" ? row.venueOrderId === venueOrderId : row.clientOrderId === clientOrderId;
    if (isAsked) return { kind: "row", row };
    return {
      kind: "unknown",
      problem: `asked for the order ${oid}, Hyperliquid answered for ${row.venueOrderId}`,
    };
  }

  async submit(command: SubmitCommand): Promise<CommandOutcome> {
    const problem = (await this.ready()) ?? (await this.signerProblem());
    return problem === undefined ? submit(command, this.commandParts()) : unsent(problem);
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    const problem = await this.ready();
    return problem === undefined ? cancel(command, this.commandParts()) : unsent(problem);
  }

  /** With a key of another account it would be that account's orders. */
  async deadMan(command: DeadManCommand): Promise<CommandOutcome> {
    const problem = (await this.ready()) ?? (await this.signerProblem());
    return problem === undefined ? deadMan(command, this.commandParts()) : unsent(problem);
  }

  protocol(): StreamProtocol {
    const { exchange, marketTypes } = this.parts;
    const [url = ""] = addressesOf((exchange.urls.api as { readonly ws?: unknown }).ws);
    const protocol = protocolOf({
      url,
      user: this.user,
      coins: () => this.coins(),
      hasSwap: marketTypes.includes("swap"),
      hasSpot: marketTypes.includes("spot"),
    });
    return {
      name: protocol.name,
      begin: async () => {
        // Without the lists of coins no fill has a name.
        const problem = await this.ready();
        if (problem !== undefined) throw new Error(problem);
        return protocol.begin();
      },
    };
  }

  checkup(): Promise<readonly Finding[]> {
    const { tradeKeys } = this.parts;
    // Of a vault's key nothing is asked: the exchange itself sees to it.
    const isAsked =
      tradeKeys.privateKey !== undefined && tradeKeys.privateKey !== "" && this.vault === undefined;
    return checkup({
      ...this.parts,
      user: this.user,
      dexes: this.dexes,
      ready: () => this.ready(),
      ...(isAsked && { signer: this.signer() ?? null }),
    });
  }

  private async ready(): Promise<string | undefined> {
    const problem = await this.markets.ready();
    if (problem !== undefined) return `the markets could not be read: ${problem}`;
    return (await this.lookForDexes()) ?? this.readKind();
  }

  /** Somebody may have built another dex since, and a position may be on it. */
  private async lookForDexes(): Promise<string | undefined> {
    const nowMs = this.parts.clock.monotonicMs();
    if (nowMs - this.dexesAtMs < KNOWN_MS) return undefined;
    const before = this.dexes.names().join();
    try {
      await this.dexes.load();
    } catch (error) {
      return (error as Error).message;
    }
    this.dexesAtMs = nowMs;
    return this.dexes.names().join() === before ? undefined : this.markets.reload();
  }

  /** What ccxt lists: it stops at ten of the dexes unless it is told them all. */
  private async prepare(): Promise<void> {
    await this.dexes.load();
    this.dexesAtMs = this.parts.clock.monotonicMs();
    const { exchange, marketTypes } = this.parts;
    const named = this.dexes.names().filter((name) => name !== "");
    exchange.options.fetchMarkets = {
      // Spot is listed always: it names the tokens that dexes settle in.
      types: [
        "spot",
        ...(marketTypes.includes("swap") ? ["swap"] : []),
        ...(named.length > 0 ? ["hip3"] : []),
      ],
      hip3: { limit: named.length, dexes: named },
    };
  }

  private coinsFor: { readonly count: number; readonly coins: Coins } | undefined;

  private coins(): Coins {
    const all = this.markets.all();
    if (all.length === 0) return COINS_BY_NAME;
    if (this.coinsFor?.count !== this.markets.loads) {
      this.coinsFor = { count: this.markets.loads, coins: coinsOf(all) };
    }
    return this.coinsFor.coins;
  }

  /** Whether one wallet holds all of its money. */
  private async readKind(): Promise<string | undefined> {
    const { client, clock } = this.parts;
    if (this.kind !== undefined && clock.monotonicMs() - this.kind.atMs < KNOWN_MS) return undefined;
    const answer = await askInfo(client, "the kind of account", { type: "userAbstraction", user: this.user });
    if (answer.kind === "failed") return answer.problem;
    const word = answer.kind === "answer" ? answer.value : undefined;
    if (word !== null && typeof word !== "string") return "the kind of account was not answered with a word";
    const isUnified = word === "unifiedAccount" || word === "portfolioMargin";
    this.kind = { isUnified, atMs: clock.monotonicMs() };
    return undefined;
  }

  private readParts() {
    const { client, marketTypes } = this.parts;
    return {
      client,
      coins: this.coins(),
      dexes: this.dexes.names(),
      user: this.user,
      hasSwap: marketTypes.includes("swap"),
      hasSpot: marketTypes.includes("spot"),
      isUnified: this.kind?.isUnified ?? false,
    };
  }

  /** Asked before the first order; of a vault's the exchange itself sees to it. */
  private async signerProblem(): Promise<string | undefined> {
    if (this.isSignerKnown || this.vault !== undefined) return undefined;
    const signer = this.signer();
    if (signer === undefined) return "the private key is none: expected 0x and 64 hexadecimal digits";
    const role = await signerRole(this.parts.client, signer, this.user);
    this.isSignerKnown = role.kind === "ours";
    return role.kind === "ours" ? undefined : role.problem;
  }

  /** Whose address the private key is; undefined where it is no key. */
  private signer(): string | undefined {
    const { exchange, tradeKeys } = this.parts;
    return addressOf(exchange as Signer, tradeKeys.privateKey ?? "");
  }

  private commandParts(): CommandParts {
    const { exchange, client, clock, tradeKeys } = this.parts;
    const vault = this.vault === undefined ? {} : { vault: this.vault };
    // The key is there while something is signed, and nowhere in the exchange that loads markets.
    const signer: Signer = Object.assign(Object.create(exchange), { privateKey: tradeKeys.privateKey });
    return { signer, client, clock, coins: this.coins(), ...vault };
  }
}

/** What is wrong with a key is never said in the package's words, which may repeat it. */
function addressOf(signer: Signer, privateKey: string): string | undefined {
  try {
    return signer.ethGetAddressFromPrivateKey(privateKey);
  } catch {
    return undefined;
  }
}

function mentionsUnknownCoin(problems: readonly (string | undefined)[]): boolean {
  return problems.some((problem) => problem?.includes("a coin of the lists of markets"));
}
