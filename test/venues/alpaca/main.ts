// Runs the local Alpaca for a person, with a state file that may be edited while it runs. Needs Node 24, which the
// project brings: node_modules/.bin/node test/venues/alpaca/main.ts --port 8787 --state FILE.json [--fault positions=html]
// Orders can be sent to it; what it does with them is told by requests of its own (control.ts).

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { controlHelp } from "./control.ts";
import { FAULTS } from "./faults.ts";
import { AlpacaServer, ENDPOINTS } from "./server.ts";
import { readState } from "./state.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    state: { type: "string" },
    fault: { type: "string", multiple: true, default: [] },
  },
});

const server = new AlpacaServer({ port: Number(values.port) });
for (const text of values.fault) setFault(text);
if (values.state !== undefined) followFile(values.state);

const baseUrl = await server.start();
console.log(`The local Alpaca listens at ${baseUrl}, on this machine only. Point trueup at it with

  export APCA_API_KEY_ID=${server.keyId}
  export APCA_API_SECRET_KEY=${server.secret}
  export APCA_API_BASE_URL=${baseUrl}

and venue = "alpaca", environment = "paper" in its configuration. End it with Ctrl-C.

It takes orders, and streams what becomes of them. Tell it from another terminal:

${controlHelp(baseUrl)}`);

function setFault(text: string): void {
  const [endpoint, fault] = text.split("=");
  const knownEndpoint = ENDPOINTS.find((one) => one === endpoint);
  const knownFault = FAULTS.find((one) => one === fault);
  if (!knownEndpoint || !knownFault) {
    console.error(
      `--fault is "${text}"; expected ENDPOINT=FAULT with one of ${ENDPOINTS.join(", ")} and one of ${FAULTS.join(", ")}`,
    );
    process.exit(2);
  }
  server.setFault(knownEndpoint, knownFault);
}

/**
 * A change of the file is seen by the next request, and takes the place of what was traded since. A file that is half
 * written leaves the state as it was.
 */
function followFile(path: string): void {
  let text = readFileSync(path, "utf8");
  let known = readState(path);
  Object.defineProperty(server, "state", {
    get() {
      try {
        const now = readFileSync(path, "utf8");
        if (now !== text) known = readState(path);
        text = now;
      } catch (error) {
        console.error(`${path} cannot be read now, the last state stays: ${(error as Error).message}`);
      }
      return known;
    },
  });
}
