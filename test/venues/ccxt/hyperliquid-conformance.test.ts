// The contract of a venue, held against Hyperliquid's profile: the same sentences as for every other.
import { conformance } from "../../../src/conformance/index.ts";
import { HYPERLIQUID_BENCH } from "./hyperliquid-bench.ts";

conformance(HYPERLIQUID_BENCH);
