// The template adapter is held against the suite that it shows how to use: over a net account of linear contracts, and over
// a hedging one of inverse contracts.
import { conformance } from "../../../src/conformance/index.ts";
import { HARBOUR_BENCH, HARBOUR_HEDGE_BENCH } from "../../../src/conformance/template/bench.ts";

conformance(HARBOUR_BENCH);
conformance(HARBOUR_HEDGE_BENCH);
