// The suite that every adapter passes: tests named in sentences, registered for one bench. Each claim runs where the
// declaration says that the venue can do it; where it cannot, that it says so is the claim.
import type { Bench } from "./bench.ts";
import { commandClaims } from "./claims/commands.ts";
import { engineClaims } from "./claims/engine.ts";
import { fillClaims } from "./claims/fills.ts";
import { guardClaims } from "./claims/guards.ts";
import { lookupClaims } from "./claims/lookups.ts";
import { payloadClaims } from "./claims/payload.ts";
import { peopleClaims } from "./claims/people.ts";
import { readFaultClaims } from "./claims/read-faults.ts";
import { sectionClaims } from "./claims/sections.ts";
import { streamClaims } from "./claims/stream.ts";

/** Registers every claim with `node:test`; to be called by a test file of the adapter's author. */
export function conformance(bench: Bench): void {
  for (const claims of [
    sectionClaims,
    readFaultClaims,
    fillClaims,
    lookupClaims,
    commandClaims,
    guardClaims,
    streamClaims,
    engineClaims,
    peopleClaims,
    payloadClaims,
  ])
    claims(bench);
}
