// The suite on one adapter, run by itself in a process of its own (run.ts): with a bug in the adapter, it must fail.
import { conformance } from "../../../src/conformance/index.ts";
import { HARBOUR_BENCH, HARBOUR_HEDGE_BENCH } from "../../../src/conformance/template/bench.ts";

const { TRUEUP_ADAPTER: adapter = "", TRUEUP_ADAPTER_BENCH: bench } = process.env;
if (adapter !== "") await import(`../../venues/${adapter}/conformance.test.ts`);
else conformance(bench === "hedge" ? HARBOUR_HEDGE_BENCH : HARBOUR_BENCH);
