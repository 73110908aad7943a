// `trueup status` and `trueup health`: the verdict first. From the daemon where one runs, else from the journal.
import { ageText } from "../../core/age.ts";
import { localText } from "../../core/discrepancy.ts";
import { type DaemonClient, readingClient } from "../../daemon/daemon-client.ts";
import { EXIT } from "../../daemon/exit.ts";
import type { AccountStatus, HealthDocument } from "../../engine/index.ts";
import { moreText, SHOWN_MAX, someNames } from "../capped.ts";
import type { Command, Context } from "../context.ts";
import type { Output } from "../output.ts";

export const status: Command = async (context) => {
  const accounts = await statuses(context);
  const { out } = context;
  if (out.isJson) out.json({ accounts });
  else for (const account of accounts) tellStatus(out, account, accounts.length > 1);
  return EXIT.done;
};

async function statuses(context: Context): Promise<readonly AccountStatus[]> {
  const client = await clientToAsk(context);
  if (client)
    return (await client.get<{ accounts: AccountStatus[] }>(`/v1/status${query(context)}`)).accounts;
  const { withAccounts } = await import("../reader.ts");
  return withAccounts(context.parts, context.load(), context.options.account, async (accounts) =>
    accounts.map((account) => account.status),
  );
}

export const health: Command = async (context) => {
  const { out } = context;
  const documents = await healthDocuments(context);
  if (out.isJson) out.json({ accounts: documents });
  else for (const document of documents) tellHealth(out, document);
  if (documents.some(({ verdict }) => verdict === "unknown")) return EXIT.unresolved;
  if (documents.some(({ verdict }) => verdict === "drift")) return EXIT.discrepancy;
  return documents.every(({ isHealthy }) => isHealthy) ? EXIT.done : EXIT.gate;
};

async function healthDocuments(context: Context): Promise<readonly HealthDocument[]> {
  const client = await clientToAsk(context);
  if (client)
    return (await client.get<{ accounts: HealthDocument[] }>(`/v1/health${query(context)}`)).accounts;
  const [{ withAccounts }, { healthOf }] = await Promise.all([
    import("../reader.ts"),
    import("../../engine/index.ts"),
  ]);
  return withAccounts(context.parts, context.load(), context.options.account, async (accounts) =>
    accounts.map((account) => healthOf(account.status, account.book)),
  );
}

/** The daemon to ask; undefined where the journal is to be read instead, and the configuration can be. */
export async function clientToAsk(context: Context): Promise<DaemonClient | undefined> {
  const near = context.nearClient();
  if (near) return near;
  await context.prepare();
  const { chosenAccounts } = await import("../../daemon/config-file.ts");
  const { stateDir, config } = context.load();
  chosenAccounts(config, context.options.account);
  return readingClient(stateDir);
}

function query({ options: { account } }: Context): string {
  return account === undefined ? "" : `?account=${encodeURIComponent(account)}`;
}

export function tellStatus(out: Output, status: AccountStatus, isNamed: boolean): void {
  const tone = { in_sync: "good", drift: "warn", unknown: "bad" } as const;
  const name = isNamed ? `${status.account}: ` : "";
  out.line(`${name}${out.tone(tone[status.verdict], status.line)}`);
  const isStopped = status.gate.reasons.some(({ code }) => code === "account_stopped");
  const live = liveText(status.isLive, isStopped);
  const reads = status.sections.map(
    ({ section, ageMs }) => `${section} ${ageMs === null ? "never" : ageText(ageMs)}`,
  );
  out.line(
    `account ${status.account} at ${status.venue} · ${live}${reads.length > 0 ? ` · read: ${reads.join(", ")}` : ""}`,
  );
  tellGate(out, status.gate);
  tellKill(out, status);
  const isCompared = status.sections.some(
    ({ section, quality }) => section === "positions" && quality === "complete",
  );
  for (const { mirror, place, problem } of status.mirrors) {
    const count = status.open.filter((one) => one.of === mirror).length;
    const calm = isCompared ? "in line" : out.tone("bad", "not compared, the positions are not known");
    const found = count === 0 ? calm : out.tone("warn", `${count} open`);
    const where = problem?.includes(place) ? "" : ` (${place})`;
    out.line(`mirror ${mirror}: ${problem === null ? found : out.tone("bad", problem)}${where}`);
  }
  if (status.feed) tellFeed(out, status.feed);
  if (status.exits) tellExits(out, status.exits);
  if (status.deadMan) tellDeadMan(out, status.deadMan);
  if (status.open.length === 0) return;
  out.table(
    ["open", "in", "what", "local", "venue", "stage", "policy", "id"],
    status.open
      .slice(0, SHOWN_MAX)
      .map((one) => [
        String(one.kind),
        String(one.of),
        String(one.instrument ?? one.asset ?? "-"),
        localText(one as Parameters<typeof localText>[0]),
        text(one.venueQty),
        `${one.stage}${one.code ? ` (${one.code})` : ""}`,
        String(one.policy),
        String(one.discrepancyId),
      ]),
  );
  const more = moreText(status.open.length);
  if (more !== undefined) out.line(more);
}

function tellDeadMan(out: Output, deadMan: NonNullable<AccountStatus["deadMan"]>): void {
  const { timeoutMs, scope, instruments, isSet, ageMs, problem } = deadMan;
  const isIdle = scope === "instrument" && instruments.length === 0 && problem === null;
  const state = isSet ? "set" : isIdle ? "set with the next order" : "NOT SET";
  const parts = [
    `fires ${timeoutMs / 1_000} s after trueup`,
    ...(instruments.length > 0 ? [`for ${someNames(instruments)}`] : []),
    ...(ageMs === null ? [] : [`set ${ageText(ageMs)} ago`]),
    ...(problem === null ? [] : [problem]),
  ];
  const isGood = (isSet || isIdle) && problem === null;
  out.line(`dead-man switch: ${out.tone(isGood ? "good" : "bad", state)} · ${parts.join(" · ")}`);
}

function tellExits(out: Output, exits: NonNullable<AccountStatus["exits"]>): void {
  const { armed, triggered, unprotected, foreign } = exits;
  const parts = [
    `armed ${armed}`,
    ...(triggered > 0 ? [`triggered ${triggered}`] : []),
    ...(foreign > 0 ? [`placed by others ${foreign}`] : []),
  ];
  const tone = unprotected === 0 ? "good" : "bad";
  out.line(`positions without exit: ${out.tone(tone, String(unprotected))} · ${parts.join(" · ")}`);
}

/** Tracked against held, by name where they differ. */
function tellFeed(out: Output, feed: NonNullable<AccountStatus["feed"]>): void {
  const { held, tracked, missing, extra, refused, old, oldestAgeMs, isLive, problem } = feed;
  const isEqual = missing.length === 0 && extra.length === 0 && refused.length === 0;
  const counts = `tracked ${tracked.length} ${isEqual ? "=" : "≠"} held ${held.length}`;
  const parts = [
    ...(missing.length > 0 ? [`missing: ${someNames(missing)}`] : []),
    ...(extra.length > 0 ? [`not held: ${someNames(extra)}`] : []),
    ...(refused.length > 0 ? [`refused: ${someNames(refused.map(({ instrument }) => instrument))}`] : []),
    ...(old.length > 0 ? [`too old to act on: ${someNames(old)}`] : []),
    ...(oldestAgeMs === null ? [] : [`oldest price ${ageText(oldestAgeMs)}`]),
    ...(isLive || held.length === 0 ? [] : ["not live"]),
    ...(problem === null || held.length === 0 ? [] : [problem]),
  ];
  const isGood = isEqual && old.length === 0 && (isLive || held.length === 0);
  const kind = feed.kind === "polled" ? "feed (asked for)" : "feed";
  out.line(`${kind}: ${out.tone(isGood ? "good" : "warn", [counts, ...parts].join(" · "))}`);
}

/** An account that is not open is told by the daemon that could not open it. */
function liveText(isLive: boolean, isStopped: boolean): string {
  if (isLive) return "daemon running";
  return isStopped ? "daemon running, this account is not open" : "no daemon running";
}

/** What a kill asked for is not what happened: only the venue's rows say what is gone. */
function tellKill(out: Output, { unconfirmed, isKillRead }: AccountStatus): void {
  if (unconfirmed === null) return;
  const names = unconfirmed.length === 0 ? "" : `: ${someNames(unconfirmed)}; asked for again and again`;
  const unread = isKillRead ? "" : "; the venue's open orders were not read completely since";
  const isBad = unconfirmed.length > 0 || !isKillRead;
  out.line(out.tone(isBad ? "bad" : "warn", `KILLED, ${unconfirmed.length} unconfirmed${names}${unread}`));
}

export function tellGate(out: Output, gate: AccountStatus["gate"]): void {
  out.line(`gate ${out.tone(gate.state === "open" ? "good" : "warn", gate.state)}`);
  for (const line of accountReasons(gate.reasons)) out.line(`  ${line}`);
  const own = Object.entries(gate.instruments).flatMap(([instrument, { state, reasons }]) =>
    reasons.map(({ text: why, evidence }) => `  ${instrument} ${state}: ${why}${evidenceText(evidence)}`),
  );
  for (const line of own.slice(0, SHOWN_MAX)) out.line(line);
  const more = moreText(own.length);
  if (more !== undefined) out.line(`  ${more}`);
}

/** Sections that could not be read for one cause are one line. */
function accountReasons(reasons: AccountStatus["gate"]["reasons"]): string[] {
  const sections = new Map<string, string[]>();
  const others: string[] = [];
  for (const { code, text: why, evidence } of reasons) {
    const [section = ""] = evidence;
    const isOfSection = code === "incomplete_read" && section !== "" && why.startsWith(`${section} `);
    const cause = why.slice(section.length);
    if (isOfSection) sections.set(cause, [...(sections.get(cause) ?? []), section]);
    else others.push(`${why}${evidenceText(evidence)}`);
  }
  return [...[...sections].map(([cause, names]) => `${names.join(", ")}${cause}`), ...others];
}

function tellHealth(out: Output, document: HealthDocument): void {
  out.line(`${document.account}: ${document.line}`);
  for (const copy of document.copies) {
    const parts = (["stale", "missing", "different", "unwitnessed"] as const)
      .filter((name) => copy[name].length > 0)
      .map((name) => `${name}: ${someNames(copy[name])}`);
    const found = copy.problem ?? (parts.length > 0 ? parts.join("; ") : "agrees with the venue");
    out.line(`  ${copy.of}: ${found}`);
  }
  const causes = new Map<string, string[]>();
  for (const { section, quality, problem } of document.sections) {
    if (quality === "complete") continue;
    const cause = `${quality}: ${problem ?? "no reason given"}`;
    causes.set(cause, [...(causes.get(cause) ?? []), section]);
  }
  for (const [cause, names] of causes) out.line(`  ${names.join(", ")} ${cause}`);
  out.line(`  gate ${document.gate}`);
}

function evidenceText(evidence: readonly string[]): string {
  return evidence.length > 0 ? ` [${evidence.join(", ")}]` : "";
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
