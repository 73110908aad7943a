// Can the venue keep the exits that an account asks for? Told from what its adapter declares, so that a check of the
// configuration needs no connection.
import type { AccountConfig } from "../config/index.ts";
import { type CommandCapabilities, modeNotPossible } from "../core/index.ts";
import { adapterFacts } from "./adapters.ts";

/** Why this account's exits cannot be kept at its venue, for a person; null where they can. */
export async function exitModeProblem(account: AccountConfig): Promise<string | null> {
  const { exits } = account;
  if (exits === undefined) return null;
  const commands = await declaredCommands(account);
  return commands ? modeNotPossible(exits.mode, commands) : null;
}

/** Of this account's market; of an exchange that ccxt knows and trueup does not, what the adapter for all of them does. */
async function declaredCommands(account: AccountConfig): Promise<CommandCapabilities | undefined> {
  const known =
    account.venue === "ccxt"
      ? await adapterFacts(`ccxt:${account.exchange}`)
      : await adapterFacts(account.venue);
  const { declaration } = known ?? (await adapterFacts(account.venue)) ?? {};
  const market = "market" in account ? account.market : undefined;
  const variant = market === undefined ? undefined : declaration?.variants?.[String(market)];
  return (variant ?? declaration?.capabilities)?.commands;
}
