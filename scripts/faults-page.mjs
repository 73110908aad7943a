// Writes docs/faults.md anew from the fault table, and from docs/reliability.json where the full simulation has
// written that.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { faultPage, firedOf } from "../src/sim/faults/index.ts";

const docs = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const reliability = docs("reliability.json");
const fired = existsSync(reliability) ? firedOf(readFileSync(reliability, "utf8")) : null;
writeFileSync(docs("faults.md"), faultPage(fired));
