// Many calls to the venue at once, a handful at a time: the first leave in this very tick, the others soon after and
// whether or not anything was answered. So nothing waits for an answer that never comes, and no thousand connections are
// opened in one moment. What the venue's rate allows is the adapter's to say.
import type { Runtime } from "../runtime/index.ts";

/** Together a thousand a second. */
const WAVE = 50;
const WAVE_MS = 50;

/** The results, in the order of the items. */
export function inWaves<T, R>(
  items: readonly T[],
  { timers }: Pick<Runtime, "timers">,
  start: (item: T) => Promise<R>,
): Promise<R[]> {
  const waves: Promise<R[]>[] = [];
  for (let from = 0; from < items.length; from += WAVE) {
    const wave = items.slice(from, from + WAVE);
    const startAll = () => Promise.all(wave.map(start));
    if (from === 0) waves.push(startAll());
    else waves.push(after(timers, (from / WAVE) * WAVE_MS, startAll));
  }
  return Promise.all(waves).then((results) => results.flat());
}

function after<T>(timers: Runtime["timers"], ms: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    timers.after(ms, () => void work().then(resolve, reject));
  });
}
