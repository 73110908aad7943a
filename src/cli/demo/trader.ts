// Somebody who trades on the account: a strategy with a client-order-id prefix of its own, or a human without one.
// Each notes its trades in a file of its own, unless something goes wrong in between.
import { type Decimal, negate, type Side, ZERO } from "../../core/index.ts";
import type { CommandOutcome } from "../../venues/index.ts";
import type { PaperAccount } from "../../venues/paper/index.ts";
import { jsonNumber } from "./json.ts";
import type { RowsFile } from "./rows-file.ts";

export interface TraderFacts {
  readonly name: string;
  /** Null for a human: venues give no client order id to what is typed into their own pages. */
  readonly prefix: string | null;
}

export class Trader {
  readonly name: string;
  readonly file: RowsFile;
  private readonly prefix: string | null;
  private readonly account: PaperAccount;
  private count = 0;

  constructor({ name, prefix }: TraderFacts, account: PaperAccount, file: RowsFile) {
    this.name = name;
    this.prefix = prefix;
    this.account = account;
    this.file = file;
  }

  /** Trades, and notes it with fields of its own. */
  trade(side: Side, instrument: string, qty: Decimal, fields: Readonly<Record<string, unknown>> = {}): void {
    const outcome = this.order(side, instrument, qty);
    if (outcome.kind !== "accepted") return;
    const price = jsonNumber(this.account.state.prices[instrument] ?? ZERO);
    this.file.move(instrument, signed(side, qty), { entry_price: price, ...fields });
  }

  /** Trades and notes nothing: the message of the fill never reaches it. */
  order(side: Side, instrument: string, qty: Decimal): CommandOutcome {
    this.count += 1;
    const clientOrderId = this.prefix === null ? undefined : `${this.prefix}${this.count}`;
    return this.account.submit({
      instrument,
      ...(clientOrderId !== undefined && { clientOrderId }),
      side,
      type: "market",
      qty: qty,
    });
  }
}

function signed(side: Side, qty: Decimal): Decimal {
  return side === "buy" ? qty : negate(qty);
}
