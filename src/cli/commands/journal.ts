// `trueup journal verify`: walks the hash chain of every account and names each record that is not what, or not
// where, it was written; then folds the journal from its first record and holds the checkpoint and the SQL views
// against that.
import { chosenAccounts } from "../../daemon/config-file.ts";
import { EXIT } from "../../daemon/exit.ts";
import { verifyCheckpoint, verifyViews } from "../../engine/index.ts";
import type { Journal, Verification } from "../../journal/index.ts";
import type { Command } from "../context.ts";
import { openReadOnly } from "../reader.ts";

export const verifyJournal: Command = async (context) => {
  const { parts, out, options } = context;
  const loaded = context.load();
  const journal = await openReadOnly(parts, loaded);
  try {
    const known = await journal.accounts();
    const named =
      options.account === undefined
        ? []
        : chosenAccounts(loaded.config, options.account).map(([name]) => name);
    const accounts = named.length > 0 ? named : known;
    const results = await Promise.all(accounts.map((name) => verified(journal, name)));
    if (out.isJson) out.json({ accounts: results });
    for (const { account, records, head, problems } of out.isJson ? [] : results) {
      if (problems.length === 0)
        out.line(`${account}: ${records} records, chain intact, head ${head.hash.slice(0, 16)}`);
      for (const { kind, detail } of problems) out.line(`${account}: ${out.tone("bad", kind)}: ${detail}`);
    }
    return results.every(({ problems }) => problems.length === 0) ? EXIT.done : EXIT.corrupt;
  } finally {
    await journal.close();
  }
};

/** A chain that is not whole cannot be folded: its own problems say enough. */
async function verified(journal: Journal, account: string): Promise<Verification> {
  const chain = await journal.verify(account);
  if (chain.problems.length > 0) return chain;
  const checkpoint = await verifyCheckpoint(journal, account);
  return {
    ...chain,
    problems: [...(checkpoint ? [checkpoint] : []), ...(await verifyViews(journal, account))],
  };
}
