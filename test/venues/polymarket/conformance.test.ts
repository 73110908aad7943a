// The contract of a venue, held against Polymarket's adapter: the same sentences as for every other.
import { conformance } from "../../../src/conformance/index.ts";
import { POLYMARKET_BENCH } from "./bench.ts";

conformance(POLYMARKET_BENCH);
