// The story as plain lines, one after the other: for a pipe, a file, a terminal that cannot be drawn on.
import type { Output } from "../output.ts";
import type { Teller } from "./stage.ts";

export function plainTeller(out: Pick<Output, "line" | "tone">): Teller {
  return {
    line: ({ text, tone }) => out.line(tone === undefined || text === "" ? text : out.tone(tone, text)),
    // What is found is told the moment it is found; that is progress enough for a pipe.
    waiting: () => undefined,
  };
}
