// Plans are files of the state folder, and not records: making one changes nothing, needs no lock, and works beside a
// daemon. What counts once, that a plan was applied, is a record of the journal.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkedFlattenPlan, checkedPlan, type FlattenPlan, type Plan, PlanError } from "../engine/index.ts";
import { realFiles } from "../runtime/real.ts";
import { OWNER_ONLY_FOLDER, prepareStateDir, writeSecret } from "./state-dir.ts";

const plansFolder = (stateDir: string) => join(stateDir, "plans");
const planFile = (stateDir: string, id: string) => join(plansFolder(stateDir), `${id}.json`);
/** Ids as they are derived: nothing else becomes part of a path. */
const ID = /^plan_[0-9a-f]{6,20}$/;

/** Keeps it, and sweeps away those that can no longer be applied. */
export function savePlan(stateDir: string, plan: Plan, nowMs: number): void {
  prepareStateDir(stateDir);
  mkdirSync(plansFolder(stateDir), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const file = planFile(stateDir, plan.id);
  // The id is of all of it: one that is there is the same, and two commands at once do not write one file.
  if (readPlan(file)?.id !== plan.id) writeSecret(file, JSON.stringify(plan));
  for (const name of readdirSync(plansFolder(stateDir))) {
    const kept = readPlan(join(plansFolder(stateDir), name));
    if (kept !== undefined && nowMs - kept.expiresAtMs > KEPT_MS) {
      realFiles.remove(join(plansFolder(stateDir), name));
    }
  }
}

/** An expired plan is still told as expired, and not as unknown, for this long. In ms. */
const KEPT_MS = 24 * 3_600_000;

const FLATTEN_ID = /^flat_[0-9a-f]{20}$/;

/** Kept for a day, so that who asks again is told what became of it. */
export function saveFlattenPlan(stateDir: string, plan: FlattenPlan, nowMs: number): void {
  prepareStateDir(stateDir);
  const folder = plansFolder(stateDir);
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  writeSecret(planFile(stateDir, plan.id), JSON.stringify(plan));
  for (const name of readdirSync(folder)) {
    const id = name.replace(/\.json$/, "");
    const kept = FLATTEN_ID.test(id) ? readFlattenPlan(join(folder, name)) : undefined;
    if (kept !== undefined && nowMs - kept.expiresAtMs > KEPT_MS) realFiles.remove(join(folder, name));
  }
}

/** By its whole id: what trades is named exactly. @throws PlanError */
export function loadFlattenPlan(stateDir: string, id: string): FlattenPlan {
  const file = planFile(stateDir, id);
  if (FLATTEN_ID.test(id) && existsSync(file)) {
    return checkedFlattenPlan(parsedJson(file), file);
  }
  const text = `there is no plan "${id}" to flatten: it was never made here, or swept away since; make one with "trueup flatten"`;
  throw new PlanError("no_such_plan", text);
}

function readFlattenPlan(file: string): FlattenPlan | undefined {
  try {
    return checkedFlattenPlan(parsedJson(file), file);
  } catch {
    return undefined;
  }
}

/** By its id, or the beginning of it. @throws PlanError when there is none, or it is not what was planned. */
export function loadPlan(stateDir: string, id: string): Plan {
  const folder = plansFolder(stateDir);
  const names = ID.test(id) && existsSync(folder) ? readdirSync(folder) : [];
  const [name, ...others] = names.filter((one) => one.startsWith(id) && one.endsWith(".json"));
  if (name === undefined || others.length > 0) {
    const found =
      others.length > 0 ? "several plans begin so" : "it was never made here, or swept away since";
    throw new PlanError("no_such_plan", `there is no plan "${id}": ${found}; make one with "trueup plan"`);
  }
  return parsePlan(join(folder, name));
}

/** A plan by its id or by a file that "trueup plan --out" wrote. */
export function findPlan(stateDir: string, cwd: string, name: string): Plan {
  const file = resolve(cwd, name);
  return !ID.test(name) && existsSync(file) ? parsePlan(file) : loadPlan(stateDir, name);
}

function parsePlan(file: string): Plan {
  return checkedPlan(parsedJson(file), file);
}

function parsedJson(file: string): unknown {
  const text = realFiles.read(file)?.text ?? "";
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new PlanError("plan_unreadable", `${file} cannot be read as a plan (${why}); make a new one`, {
      cause,
    });
  }
}

function readPlan(file: string): Plan | undefined {
  try {
    return parsePlan(file);
  } catch {
    // Not a plan of ours: nobody's business to remove it.
    return undefined;
  }
}
