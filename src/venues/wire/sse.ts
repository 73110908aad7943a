// Server-sent events, out of the text as it arrives in pieces. Pure: what the events mean is the adapter's.
// @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation (read 2026-11)

export type SseItem =
  | { readonly kind: "event"; readonly data: string }
  /** Free text of the server's: a sign of life, or of trouble. */
  | { readonly kind: "comment"; readonly text: string };

/** Longest event that is read, in characters; an activity has about 1 000. */
const EVENT_MAX = 1_000_000;

export class SseReader {
  private rest = "";
  private data: string[] = [];

  /** What is whole by now. @throws Error for an event that is too long to be one. */
  take(piece: string): readonly SseItem[] {
    // A line may end in CR LF, LF or CR; a CR at the very end may be half of a CR LF.
    const text = this.rest + piece;
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    if (this.rest.length > EVENT_MAX) throw new Error(`an event has more than ${EVENT_MAX} characters`);
    return lines.flatMap((line) => this.line(line.replace(/\r$/, "")));
  }

  private line(line: string): readonly SseItem[] {
    if (line === "") return this.end();
    if (line.startsWith(":")) return [{ kind: "comment", text: line.slice(1).trim() }];
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field === "data") this.data.push(colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, ""));
    return [];
  }

  private end(): readonly SseItem[] {
    const data = this.data.join("\n");
    this.data = [];
    return data === "" ? [] : [{ kind: "event", data }];
  }
}
