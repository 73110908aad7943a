// An account of the paper venue, as people write it.
import { z } from "zod";
import { notNegative, ratio } from "../policy-schema.ts";
import { common } from "./common.ts";

export const paperAccount = z.strictObject({
  venue: z.literal("paper"),
  ...common,
  cash: notNegative.prefault("100000"),
  currency: z.string().min(1).default("USD"),
  fee_ratio: ratio.prefault("0"),
});
