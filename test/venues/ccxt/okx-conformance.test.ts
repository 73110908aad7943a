// The contract of a venue, held against OKX's profile, in both of its position modes: the same sentences as for every other.
import { conformance } from "../../../src/conformance/index.ts";
import { okxBench } from "./okx-bench.ts";

conformance(okxBench("net"));
conformance(okxBench("hedge"));
