// The WebSocket of the stream, with bounds that Node's own does not have: how long a message may be, and how long a
// close may wait for its answer. Without the second a peer that is gone would keep the program from ending.
import { VenueError } from "../venue.ts";
import type { OpenSocket } from "./connection.ts";
import { MESSAGE_MAX } from "./frames.ts";

/** How long Alpaca may take to answer a close. In ms. */
const CLOSE_MS_MAX = 1_000;

/** @throws VenueError `venue_package` when the package is not installed. */
export async function loadSockets(
  load: () => Promise<typeof import("ws")> = () => import("ws"),
): Promise<OpenSocket> {
  const { WebSocket } = await load().catch((cause: unknown) => {
    const text =
      "the package ws, which carries Alpaca's stream, cannot be loaded; install it with: npm install ws@8.23.0";
    throw new VenueError("venue_package", text, { cause });
  });
  return (url) =>
    new WebSocket(url, {
      closeTimeout: CLOSE_MS_MAX,
      maxPayload: MESSAGE_MAX,
      perMessageDeflate: false,
      // The keys go out in the first message: to this address and no other.
      followRedirects: false,
    });
}
