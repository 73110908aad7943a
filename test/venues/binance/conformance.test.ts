// The contract of a venue, held against Binance's adapter in each of its markets and modes: the same sentences as for every
// other.
import { conformance } from "../../../src/conformance/index.ts";
import { HEDGE_BENCH, SPOT_BENCH, USDM_BENCH } from "./bench.ts";

for (const bench of [USDM_BENCH, HEDGE_BENCH, SPOT_BENCH]) conformance(bench);
