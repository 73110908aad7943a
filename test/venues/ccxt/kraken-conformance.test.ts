// The contract of a venue, held against Kraken's profile: the same sentences as for every other that is only read.
import { conformance } from "../../../src/conformance/index.ts";
import { krakenBench } from "./kraken-bench.ts";

conformance(krakenBench("fees"));
conformance(krakenBench("fees in coins"));
conformance(krakenBench("entries"));
