// Writes the generated part of docs/venues.md anew from what the adapters declare.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { allDeclarations } from "../src/daemon/adapters.ts";
import { withMatrix } from "../src/venues/matrix-page.ts";

const file = fileURLToPath(new URL("../docs/venues.md", import.meta.url));
writeFileSync(file, withMatrix(readFileSync(file, "utf8"), await allDeclarations()));
