// The contract of a venue, held against Alpaca's adapter: the same sentences as for every other.
import { conformance } from "../../../src/conformance/index.ts";
import { ALPACA_BENCH } from "./bench.ts";

conformance(ALPACA_BENCH);
