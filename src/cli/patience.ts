// Waiting for a daemon that must act at once: soon it is asked for a sign of life, and only one that gives it is waited
// for any longer. A daemon that hangs is told of within seconds.

import type { DaemonClient } from "../daemon/daemon-client.ts";
import type { Timers } from "../runtime/index.ts";

/** Until the daemon is asked for a sign of life. In ms. */
const ANSWER_MS = 3_000;
/** For the sign of life. In ms. */
const SIGN_MS = 2_000;

export interface Patience {
  readonly timers: Pick<Timers, "after">;
  /** Called when the answer takes long, and the daemon lives. */
  readonly onSlow: () => void;
}

/** Posts and waits while the daemon lives. @throws CliError `daemon_unreachable` when it hangs. */
export async function postWhileAlive<T>(
  client: DaemonClient,
  path: string,
  body: object,
  { timers, onSlow }: Patience,
): Promise<T> {
  const given = new AbortController();
  const asked = client.post<T>(path, body, given.signal);
  let isAnswered = false;
  const watch = within(timers, ANSWER_MS, async () => {
    if (isAnswered) return;
    const sign = new AbortController();
    const cancel = timers.after(SIGN_MS, () => sign.abort(hung(SIGN_MS)));
    await client.get("/v1/health", sign.signal).then(
      () => isAnswered || onSlow(),
      () => given.abort(hung(ANSWER_MS + SIGN_MS)),
    );
    cancel();
  });
  try {
    return await asked;
  } finally {
    isAnswered = true;
    watch();
  }
}

function within(timers: Patience["timers"], ms: number, work: () => Promise<void>): () => void {
  return timers.after(ms, () => void work());
}

function hung(ms: number): Error {
  return new Error(`no answer within ${ms / 1_000} s`);
}
