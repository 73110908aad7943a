// From configuration to running accounts: policy, venue, mirrors, session.
import {
  type AccountConfig,
  deadManFrom,
  deadManRefusal,
  exitsFrom,
  limitsFrom,
  policyFrom,
} from "../config/index.ts";
import {
  type AccountPolicy,
  type Capabilities,
  type JournalRecord,
  modeNotPossible,
  problemOfPrefixes,
} from "../core/index.ts";
import {
  type CheckOptions,
  checkAccount,
  type PassReport,
  type Plan,
  planAccount,
  Session,
  type SessionOptions,
} from "../engine/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import { type Log, SILENT } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import type { LoadedConfig } from "./config-file.ts";
import { CliError, EXIT } from "./exit.ts";
import { behindText, readAnchor, writeAnchor } from "./journal-anchor.ts";
import { readLatch } from "./latch.ts";
import type { Parts, Surroundings } from "./parts.ts";
import { asCliError, restoring } from "./trouble.ts";

export interface AccountPieces {
  readonly name: string;
  readonly config: AccountConfig;
  readonly policy: AccountPolicy;
  readonly venue: Venue;
  readonly mirrors: readonly Mirror[];
}

export function policyOf(loaded: LoadedConfig, account: AccountConfig): AccountPolicy {
  const { mode, observe, strategies, policy } = account;
  const limits = limitsFrom(account.limits);
  const exits = exitsFrom(account.exits, mode);
  const deadMan = deadManFrom(account.dead_man);
  return policyFrom([loaded.config.policy, policy], { mode, observe, strategies, limits, exits, deadMan });
}

export interface OpenedVenue {
  readonly parts: Parts;
  readonly io: Surroundings;
  readonly loaded: LoadedConfig;
  readonly name: string;
  readonly config: AccountConfig;
  /** Only to be asked: whoever is at work on the account is not disturbed. */
  readonly isReadOnly?: boolean;
}

/** @throws CliError 5 or 78 when it cannot even be spoken to: keys or package missing, a wrong address. */
export async function openAccountVenue(opened: OpenedVenue): Promise<Venue> {
  const { parts, io, loaded, name, config, isReadOnly = false } = opened;
  const context = {
    account: name,
    stateDir: loaded.stateDir,
    folder: loaded.folder,
    env: io.env,
    isReadOnly,
  };
  return parts.openVenue(config, context).catch((error: unknown) => {
    const known = asCliError(error);
    if (!known) throw error;
    throw new CliError(known.exitCode, known.code, `account ${name}: ${known.message}`, { cause: error });
  });
}

/** @throws CliError 5 or 78 when the venue cannot even be spoken to: keys or package missing, a wrong address. */
export async function openPieces(
  parts: Parts,
  io: Surroundings,
  loaded: LoadedConfig,
  name: string,
  config: AccountConfig,
): Promise<AccountPieces> {
  const venue = await openAccountVenue({ parts, io, loaded, name, config });
  refuseDeadMan(loaded, name, config, venue.capabilities);
  refuseExitMode(loaded, name, config, venue.capabilities);
  refusePrefixes(loaded, name, config, venue.capabilities);
  const mirrors = await openMirrors(parts, loaded, name, config, venue);
  return { name, config, policy: policyOf(loaded, config), venue, mirrors };
}

/** @throws CliError 78 where a dead-man switch is wanted that the venue does not have, or not with this time. */
export function refuseDeadMan(
  { file }: LoadedConfig,
  name: string,
  config: AccountConfig,
  { commands }: Pick<Capabilities, "commands">,
): void {
  const wanted = deadManFrom(config.dead_man);
  const venue = "exchange" in config ? `${config.venue} ${config.exchange}` : config.venue;
  const problem = wanted && deadManRefusal(wanted, venue, commands.deadMan);
  if (problem) throw new CliError(EXIT.config, "config_invalid", `${file}: account ${name}: ${problem}`);
}

/** @throws CliError 78 where an executor's strategy has a prefix that no client order id of this venue may begin with. */
export function refusePrefixes(
  { file }: LoadedConfig,
  name: string,
  { mode, strategies }: Pick<AccountConfig, "mode" | "strategies">,
  { commands }: Pick<Capabilities, "commands">,
): void {
  const problem = mode === "executor" && commands.submit ? problemOfPrefixes({ strategies }, commands) : null;
  if (problem) throw new CliError(EXIT.config, "config_invalid", `${file}: account ${name}: ${problem}`);
}

/** @throws CliError 78 where exits are to lie at a venue that takes no such orders. */
export function refuseExitMode(
  { file }: LoadedConfig,
  name: string,
  { exits }: Pick<AccountConfig, "exits">,
  { commands }: Pick<Capabilities, "commands">,
): void {
  const problem = exits && modeNotPossible(exits.mode, commands);
  if (problem)
    throw new CliError(EXIT.config, "config_invalid", `${file}: account ${name}: exits.mode: ${problem}`);
}

/** Opening a mirror reads nothing yet. @param venue Knows how bots spell its symbols. @throws CliError 78 when its options cannot work together. */
export async function openMirrors(
  parts: Parts,
  loaded: LoadedConfig,
  name: string,
  config: AccountConfig,
  venue?: Venue,
): Promise<Mirror[]> {
  const named = venue?.named?.bind(venue);
  const open = config.mirrors.map((mirror) => parts.openMirror(mirror, loaded.folder, named));
  return Promise.all(open).catch((cause: unknown) => {
    const text = `${loaded.file}: account ${name}: ${(cause as Error).message}`;
    throw new CliError(EXIT.config, "mirror_config", text, { cause });
  });
}

export interface SessionExtras {
  readonly log?: Log;
  readonly onPass?: (report: PassReport) => void;
  readonly onRecord?: (record: JournalRecord) => void;
  readonly onFailure?: (error: Error) => void;
}

export async function openSession(
  parts: Parts,
  loaded: LoadedConfig,
  pieces: AccountPieces,
  journal: Journal,
  extras: SessionExtras = {},
): Promise<Session> {
  const { log = SILENT, onPass, onRecord, onFailure } = extras;
  const { name } = pieces;
  const anchor = readAnchor(loaded.stateDir, name);
  const anchored = async () => {
    const head = await journal.head(name);
    writeAnchor(loaded.stateDir, name, { ...head, atMs: parts.runtime.clock.nowMs() });
  };
  const options: SessionOptions = {
    ...lookOptions(parts, pieces, journal),
    log,
    environment: environmentOf(pieces.config),
    alerts: await parts.alertChannels(log),
    latch: readLatch(loaded.stateDir, name),
    onPass: (report) => {
      // A journal that cannot say its end says so to whoever writes to it next.
      anchored().catch(() => undefined);
      onPass?.(report);
    },
    ...(onRecord && { onRecord }),
    ...(onFailure && { onFailure }),
  };
  return restoring(journal, name, async () => {
    const behind = anchor && (await behindText(journal, name, anchor));
    return Session.open({ ...options, ...(behind !== null && { behind }) });
  });
}

/** As configured; where a venue has one environment only, its name says it. */
function environmentOf(config: AccountConfig): string {
  const { environment } = config as { readonly environment?: unknown };
  return typeof environment === "string" ? environment : config.venue === "paper" ? "paper" : "live";
}

export function checkPieces(parts: Parts, pieces: AccountPieces, journal: Journal): Promise<PassReport> {
  return restoring(journal, pieces.name, () => checkAccount(lookOptions(parts, pieces, journal)));
}

/** @param copies Only these: the book, mirrors by name; null for all. */
export function planPieces(
  parts: Parts,
  pieces: AccountPieces,
  journal: Journal,
  copies: readonly string[] | null,
): Promise<Plan> {
  const options = { ...lookOptions(parts, pieces, journal), copies };
  return restoring(journal, pieces.name, () => planAccount(options));
}

function lookOptions(parts: Parts, pieces: AccountPieces, journal: Journal): CheckOptions {
  return {
    account: pieces.name,
    journal,
    venue: pieces.venue,
    mirrors: pieces.mirrors,
    policy: pieces.policy,
    positionMode: pieces.config.position_mode,
    runtime: parts.runtime,
  };
}
