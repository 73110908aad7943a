// All that one pass asks of single positions and orders: several at once, and everything within the time of one read,
// however many steps ask. Who is not asked or does not answer by then stays unknown.
import type { Runtime } from "../runtime/index.ts";
import { guarded, problemOf, READ_TIMEOUT_MS } from "./observe.ts";

/** Look-ups under way at once: few enough for any venue's burst limit. */
const AT_ONCE = 8;

export interface Unanswered {
  readonly kind: "unknown";
  readonly problem: string;
}

export class Asking {
  private readonly runtime: Runtime;
  /** On the monotonic clock; from the first question on. */
  private untilMs: number | undefined;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** @param shareMs How much of the time these may take at most; all that is left unless given. */
  async each<Key, Answer>(
    keys: readonly Key[],
    ask: (key: Key) => Promise<Answer>,
    shareMs: number = READ_TIMEOUT_MS,
  ): Promise<Map<Key, Answer | Unanswered>> {
    if (keys.length === 0) return new Map();
    const nowMs = this.runtime.clock.monotonicMs();
    this.untilMs ??= nowMs + READ_TIMEOUT_MS;
    const untilMs = Math.min(this.untilMs, nowMs + shareMs);
    const answers: (Answer | Unanswered)[] = [];
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < keys.length; index = next++) {
        answers[index] = await this.one(() => ask(keys[index] as Key), untilMs);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, keys.length) }, worker));
    return new Map(keys.map((key, index) => [key, answers[index] ?? unanswered("no answer")]));
  }

  private async one<Answer>(ask: () => Promise<Answer>, untilMs: number): Promise<Answer | Unanswered> {
    const leftMs = untilMs - this.runtime.clock.monotonicMs();
    if (leftMs <= 0) return unanswered("not asked: the time for look-ups was over");
    return guarded(ask(), this.runtime, leftMs).catch((error: unknown) => unanswered(problemOf(error)));
  }
}

function unanswered(problem: string): Unanswered {
  return { kind: "unknown", problem };
}
