// Which commit this is, where it is a checkout: a seed and a commit are the run.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const GIT_MS_MAX = 5_000;

/** Null in the package, and where git cannot say. */
export function commitHere(): string | null {
  // In a package the folder above may be somebody else's repository.
  if (!existsSync(join(ROOT, ".git"))) return null;
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: ROOT,
      encoding: "utf8",
      timeout: GIT_MS_MAX,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--", "src") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return null;
  }
}
