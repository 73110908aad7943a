// No secret comes out: every text that leaves the adapter is searched for what it was opened with.
import assert from "node:assert/strict";
import type { Bench } from "../bench.ts";

export function noSecretIn(text: string, bench: Bench, where: string): void {
  for (const [name, secret] of Object.entries(bench.keys)) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
      assert.ok(!text.includes(form), `${where}: the secret "${name}" is in what came out`);
    }
  }
}
