// `trueup init` and `trueup config check`: a configuration to start from, and whether one is right.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_LIVE, CONFIG_PAPER } from "../../config/index.ts";
import { openMirrors, policyOf } from "../../daemon/accounts.ts";
import { loadConfig } from "../../daemon/config-file.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import { exitModeProblem } from "../../daemon/exit-modes.ts";
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
    const problem = await exitModeProblem(account);
    if (problem !== null) {
      const text = `${loaded.file}: accounts.${name}.exits.mode: ${problem}`;
      throw new CliError(EXIT.config, "config_invalid", text);
    }
  }
  const accounts = Object.entries(loaded.config.accounts).map(([name, account]) => {
    const { intervalMs, mode, observe } = policyOf(loaded, account);
    const mirrors = account.mirrors.map((mirror) => mirror.name);
    return { account: name, venue: account.venue, mode, observe, intervalMs, mirrors };
  });
  if (out.isJson) out.json({ file: loaded.file, isValid: true, accounts });
  else {
    out.line(`${loaded.file}: ok`);
    for (const { account, venue, mode, observe, intervalMs, mirrors } of accounts) {
      const what = observe ? "observe only" : "repairs on";
      const copies = mirrors.length > 0 ? `mirrors ${mirrors.join(", ")}` : "no mirrors";
      out.line(`  ${account}: ${venue}, ${mode}, ${what}, every ${intervalMs} ms, ${copies}`);
    }
  }
  return EXIT.done;
};
