// A line of the story: a text, and what kind of news it is.
import type { Tone } from "../output.ts";

export interface Line {
  readonly text: string;
  readonly tone?: Tone;
  /** How things stand: the live view shows that all the time. */
  readonly isStanding?: boolean;
}
