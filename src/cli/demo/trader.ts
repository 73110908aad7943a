// Somebody who trades on the account: a strategy, whose orders go through trueup with its exits, or a human, who types them
// into the venue's own pages. Each notes its trades in a file of its own, unless something goes wrong in between.
import { type Decimal, type ExitPlan, negate, type Side } from "../../core/index.ts";
import { jsonNumber } from "./json.ts";
import type { RowsFile } from "./rows-file.ts";
import type { Party } from "./scenario.ts";
import type { Stage } from "./stage.ts";

export class Trader {
  readonly name: string;
  readonly file: RowsFile;
  private readonly party: Party;
  private readonly stage: Stage;
  private count = 0;

  constructor(party: Party, stage: Stage, file: RowsFile) {
    this.name = party.name;
    this.party = party;
    this.stage = stage;
    this.file = file;
  }

  /** Trades, and notes it with fields of its own. @returns Why it could not; null when it did. */
  async trade(
    side: Side,
    instrument: string,
    qty: Decimal,
    fields: Readonly<Record<string, unknown>> = {},
    exit?: ExitPlan,
  ): Promise<string | null> {
    const price = jsonNumber(this.stage.market.price(instrument));
    const refused = await this.order(side, instrument, qty, exit);
    if (refused === null) this.file.move(instrument, signed(side, qty), { entry_price: price, ...fields });
    return refused;
  }

  /** Trades and notes nothing: the message of the fill never reaches it. */
  async order(side: Side, instrument: string, qty: Decimal, exit?: ExitPlan): Promise<string | null> {
    const { stage, party } = this;
    // A human has no strategy: venues give no client order id to what is typed into their own pages.
    if (party.prefix === null) {
      stage.order({ side, instrument, qty });
      return null;
    }
    this.count += 1;
    const intentId = `${party.name}-${this.count}`;
    const order = { side, instrument, qty, strategy: party.strategy, reduceOnly: side === "sell" };
    return stage.submit({ intentId, ...order, ...(exit && { exit }) });
  }
}

function signed(side: Side, qty: Decimal): Decimal {
  return side === "buy" ? qty : negate(qty);
}
