// `trueup positions attribute`: a person says whose a part of a position is. Journaled with the person's name; by the daemon
// where one runs, else by this process, which asks nothing of the venue.
import { type Decimal, LEGS, type Leg, parseDecimal } from "../../core/index.ts";
import { policyOf } from "../../daemon/accounts.ts";
import { chosenAccounts } from "../../daemon/config-file.ts";
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import { lockState } from "../../daemon/registry.ts";
import { journalFile } from "../../daemon/state-dir.ts";
import { restoring } from "../../daemon/trouble.ts";
import { changeOffline, type LotMoved, lotMove } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { oneAccount } from "./gate.ts";

export interface AttributeOptions {
  readonly instrument: string;
  readonly leg?: string;
  readonly from: string;
  readonly to: string;
  readonly qty?: string;
  readonly reason: string;
  readonly by?: string;
}

export const attribute: Command<AttributeOptions> = async (context, options) => {
  const account = await oneAccount(context);
  const { instrument, from, to, reason } = options;
  const by = namedPerson(context, options.by);
  const qty = quantityOf(options.qty);
  const move = {
    instrument,
    leg: legOf(options.leg),
    from,
    to,
    reason,
    by,
    ...(qty !== undefined && { qty }),
  };
  const client = daemonClient(context.load().stateDir);
  const moved = client
    ? await client.post<LotMoved>("/v1/positions/attribute", { account, ...move })
    : await changeHere(context, account, (book, policy) => lotMove(book, policy, move));
  const { out } = context;
  if (out.isJson) out.json(moved);
  else {
    out.line(
      `${out.tone("bold", account)}: ${moved.qty} of ${instrument} is ${to}'s now, by ${by}  [${moved.reattributionId}]`,
    );
    for (const { strategy, before, after } of [moved.from, moved.to]) {
      out.line(`  ${strategy}: ${before} -> ${after}`);
    }
    out.line("  the position's quantity is as it was; what comes from now on goes where its orders say");
  }
  return EXIT.done;
};

/** Writes down what a person says where no daemon runs. */
export async function changeHere<T>(
  context: Context,
  account: string,
  make: (
    book: Parameters<Parameters<typeof changeOffline<T>>[1]>[0],
    policy: ReturnType<typeof policyOf>,
  ) => ReturnType<Parameters<typeof changeOffline<T>>[1]>,
): Promise<T> {
  const { parts } = context;
  const loaded = context.load();
  const [[, config]] = chosenAccounts(loaded.config, account) as [[string, never]];
  const unlock = lockState(loaded.stateDir);
  try {
    const journal = await parts.openJournal(journalFile(loaded.stateDir), false);
    try {
      const { clock } = parts.runtime;
      const policy = policyOf(loaded, config);
      const change = () => changeOffline({ account, journal, clock }, (book) => make(book, policy));
      return await restoring(journal, account, change);
    } finally {
      await journal.close();
    }
  } finally {
    unlock();
  }
}

/** What is said rests on a person's word: without a name it is nobody's. */
export function namedPerson({ io }: Context, given: string | undefined): string {
  const name = (given || io.env.USER || io.env.LOGNAME || "").trim();
  if (name !== "") return name;
  throw new CliError(EXIT.usage, "no_person", "say whose word it is: --by NAME (there is no user name here)");
}

export function legOf(given = "net"): Leg {
  const leg = LEGS.find((one) => one === given);
  if (leg !== undefined) return leg;
  throw new CliError(EXIT.usage, "bad_choice", `--leg ${given}: it is one of ${LEGS.join(", ")}`);
}

function quantityOf(text: string | undefined): Decimal | undefined {
  if (text === undefined) return undefined;
  const qty = parseDecimal(text);
  if (qty !== undefined) return qty;
  throw new CliError(EXIT.usage, "bad_number", `--qty ${text} is not a decimal number, such as 1.5`);
}
