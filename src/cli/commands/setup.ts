// `trueup init` and `trueup config check`: a configuration to start from, and whether one is right.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_LIVE, CONFIG_PAPER } from "../../config/index.ts";
import type { ExitPolicy } from "../../core/index.ts";
import {
  openMirrors,
  policyOf,
  refuseDeadMan,
  refuseExitMode,
  refusePrefixes,
} from "../../daemon/accounts.ts";
import { declaredFor } from "../../daemon/adapters.ts";
import { loadConfig } from "../../daemon/config-file.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { Command } from "../context.ts";

export interface InitOptions {
  readonly observe?: boolean;
  readonly force?: boolean;
}

export const init: Command<InitOptions> = async ({ io, out }, { observe, force = false }) => {
  const isObserve = observe ?? (await askObserve(io.ask));
  const files = [
    [join(io.cwd, "configs", "paper.toml"), CONFIG_PAPER(isObserve)],
    [join(io.cwd, "configs", "live.toml"), CONFIG_LIVE(isObserve)],
  ] as const;
  const existing = files.filter(([file]) => existsSync(file)).map(([file]) => file);
  if (existing.length > 0 && !force) {
    throw new CliError(
      EXIT.usage,
      "already_there",
      `${existing.join(" and ")} exist already; nothing was written. Use --force to write them anew.`,
    );
  }
  mkdirSync(join(io.cwd, "configs"), { recursive: true });
  for (const [file, text] of files) writeFileSync(file, text);
  if (out.isJson) out.json({ written: files.map(([file]) => file), observe: isObserve });
  else {
    for (const [file] of files) out.line(`wrote ${file}`);
    out.line(
      isObserve
        ? "repairs are off: trueup reports what it would have done"
        : "repairs are on: trueup brings copies in line and never trades",
    );
    out.line("next: trueup config check configs/paper.toml, then trueup run --config configs/paper.toml");
  }
  return EXIT.done;
};

/** Repairs write copies and never trade, so they are on unless a person says otherwise. */
async function askObserve(ask: ((question: string) => Promise<string>) | undefined): Promise<boolean> {
  if (!ask) return false;
  const answer = await ask("Repair copies (the bot's files) automatically? It never trades. [Y/n] ");
  return /^n/i.test(answer.trim());
}

export const checkConfig: Command = async (context, _options, file) => {
  const { io, out } = context;
  const loaded = loadConfig(io, file ?? context.options.config);
  for (const [name, account] of Object.entries(loaded.config.accounts)) {
    await openMirrors(context.parts, loaded, name, account);
    const declared = await declaredFor(account);
    if (!declared) continue;
    refuseDeadMan(loaded, name, account, declared);
    refuseExitMode(loaded, name, account, declared);
    refusePrefixes(loaded, name, account, declared);
  }
  const accounts = Object.entries(loaded.config.accounts).map(([name, account]) => {
    const { intervalMs, mode, observe, exits } = policyOf(loaded, account);
    const mirrors = account.mirrors.map((mirror) => mirror.name);
    return { account: name, venue: account.venue, mode, observe, intervalMs, mirrors, exits };
  });
  if (out.isJson) {
    const plain = accounts.map(({ exits, ...account }) => ({ ...account, ownsExits: exits?.owns === true }));
    out.json({ file: loaded.file, isValid: true, accounts: plain });
  } else {
    out.line(`${loaded.file}: ok`);
    for (const { account, venue, mode, observe, intervalMs, mirrors, exits } of accounts) {
      const what = observe ? "observe only" : "repairs on";
      const copies = mirrors.length > 0 ? `mirrors ${mirrors.join(", ")}` : "no mirrors";
      out.line(`  ${account}: ${venue}, ${mode}, ${what}, every ${intervalMs} ms, ${copies}`);
      if (exits?.owns === true) out.line(`    ${exitsText(exits)}`);
    }
  }
  return EXIT.done;
};

/** Said before the first order: what has no plan can only be made smaller. */
function exitsText({ mode, default: plan, strategies }: ExitPolicy): string {
  const named = Object.keys(strategies);
  const all = [...(plan === null ? [] : ["a default"]), ...named];
  const plans = all.length > 0 ? `plans: ${all.join(", ")}` : "no plan but those that orders bring";
  const rest =
    plan === null ? "; a position without one can only be made smaller (exits.owns = false ends that)" : "";
  return `exits ${mode}, ${plans}${rest}`;
}
