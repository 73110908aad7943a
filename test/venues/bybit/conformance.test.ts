// The contract of a venue, held against Bybit's adapter: the same sentences as for every other.
import { conformance } from "../../../src/conformance/index.ts";
import { BENCHES } from "./bench.ts";

for (const bench of BENCHES) conformance(bench);
