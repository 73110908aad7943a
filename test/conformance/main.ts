// Runs the suite for one adapter: `npm run conformance -- --venue alpaca`, or for an adapter of one's own by the file that
// exports its benches: `npm run conformance -- --bench PATH`. What follows `--` is not read here; node's test runner prints.
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Bench, conformance } from "../../src/conformance/index.ts";

const VENUES = join(import.meta.dirname, "..", "venues");

const { values } = parseArgs({ options: { venue: { type: "string" }, bench: { type: "string" } } });

if (values.venue !== undefined) await runVenue(values.venue);
else if (values.bench !== undefined) await runBench(values.bench);
else refuse("give --venue NAME or --bench PATH");

async function runVenue(name: string): Promise<void> {
  const folder = join(VENUES, name);
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => file.endsWith("conformance.test.ts"))
    : [];
  if (files.length === 0) {
    refuse(`there is no suite for "${name}"; there is one for ${withSuite().join(", ")}`);
  }
  for (const file of files) await import(pathToFileURL(join(folder, file)).href);
}

async function runBench(path: string): Promise<void> {
  if (!existsSync(path)) refuse(`there is no file ${path}`);
  const exported: Record<string, unknown> = await import(pathToFileURL(resolve(path)).href);
  const benches = Object.values(exported).filter(isBench);
  if (benches.length === 0) {
    refuse(
      `${path} exports no bench; expected an object with a name, instruments, server() and open() (docs/adapter-author.md)`,
    );
  }
  for (const bench of benches) conformance(bench);
}

function isBench(value: unknown): value is Bench {
  if (typeof value !== "object" || value === null) return false;
  const { name, instruments, server, open } = value as Partial<Bench>;
  return (
    typeof name === "string" &&
    Array.isArray(instruments) &&
    [server, open].every((one) => typeof one === "function")
  );
}

function withSuite(): string[] {
  return readdirSync(VENUES).filter((name) =>
    readdirSync(join(VENUES, name)).some((file) => file.endsWith("conformance.test.ts")),
  );
}

function refuse(text: string): never {
  console.error(text);
  process.exit(2);
}
