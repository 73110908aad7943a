// A decimal as it comes in: text, as a number may have lost digits on its way.
import { z } from "zod";
import { parseDecimal } from "../core/index.ts";

const DECIMAL_WANTED = 'a decimal as text, such as "1.5"';

export const decimalText = z
  .string({ error: `it is ${DECIMAL_WANTED}` })
  .refine((text) => parseDecimal(text) !== undefined, {
    error: ({ input }) => `"${input}" is not ${DECIMAL_WANTED}`,
  });
