// The package that speaks to Alpaca may be missing; that is told with the command that installs it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VenueError } from "../venue.ts";
import { loadSockets } from "../wire/socket.ts";
import { loadPackage } from "./client.ts";

test("a missing package is an error that names the command which installs it", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await assert.rejects(
    loadPackage(() => Promise.reject(missing)),
    (error: unknown) => {
      assert.ok(error instanceof VenueError);
      assert.equal(error.code, "venue_package");
      assert.match(error.message, /npm install @alpacahq\/alpaca-trade-api@4\.0\.2$/);
      assert.equal(error.cause, missing);
      return true;
    },
  );
});

test("the installed package is the one whose answers were studied", async () => {
  const { trading } = await loadPackage();
  assert.equal(typeof trading.PositionsApi.prototype.getAllOpenPositionsRaw, "function");
});

test("a missing package of the stream is told in the same way", async () => {
  await assert.rejects(
    loadSockets(() => Promise.reject(new Error("Cannot find package"))),
    { name: "VenueError", code: "venue_package", message: /npm install ws@8\.23\.0$/ },
  );
});
