// The suite on the template, run by itself in a process of its own (run.ts): with a bug in it, it must fail.
import { conformance } from "../../../src/conformance/index.ts";
import { HARBOUR_BENCH, HARBOUR_HEDGE_BENCH } from "../../../src/conformance/template/bench.ts";

conformance(process.env.TRUEUP_ADAPTER_BENCH === "hedge" ? HARBOUR_HEDGE_BENCH : HARBOUR_BENCH);
