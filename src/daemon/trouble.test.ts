// What the system forbids is told as a matter of permissions, not as an error of ours.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asCliError } from "./trouble.ts";

test("a file that this user may not touch ends with 77 and its name, also below an account that stopped by it", () => {
  const forbidden = Object.assign(new Error("EACCES: permission denied, stat '/x/kill-a.json'"), {
    code: "EACCES",
    path: "/x/kill-a.json",
  });
  const stopped = Object.assign(new Error("stopped"), { code: "account_stopped", cause: forbidden });
  for (const error of [forbidden, stopped]) {
    const told = asCliError(error);
    assert.deepEqual([told?.exitCode, told?.code], [77, "no_permission"]);
    assert.match(
      told?.message ?? "",
      /no permission for \/x\/kill-a\.json \(EACCES\)\. Run trueup as the user/,
    );
  }
  assert.equal(asCliError(new Error("anything else")), undefined);
});
