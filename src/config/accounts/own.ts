// An account at a venue that a program brings itself, through the library; a file cannot name one.
import { z } from "zod";
import { common } from "./common.ts";

export const ownAccount = z.strictObject({ venue: z.literal("own"), ...common });
