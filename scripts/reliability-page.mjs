// Writes docs/RELIABILITY.md anew from docs/reliability.json, which the full simulation writes.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readReliability, reliabilityPage } from "../src/sim/campaign/index.ts";

const docs = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
writeFileSync(
  docs("RELIABILITY.md"),
  reliabilityPage(readReliability(readFileSync(docs("reliability.json"), "utf8"))),
);
