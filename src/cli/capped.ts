// A hundred thousand findings of one kind are one finding to a person: some are shown, the rest is counted.

/** How many of a group are shown as text. */
export const SHOWN_MAX = 50;

/** The line below those that are shown; undefined where all are. */
export function moreText(count: number, shown: number = SHOWN_MAX): string | undefined {
  return count > shown ? `… and ${count - shown} more; --json has them all` : undefined;
}

/** Names in one line, the first so many. */
export function someNames(names: readonly string[]): string {
  const more = moreText(names.length);
  return names.slice(0, SHOWN_MAX).join(", ") + (more === undefined ? "" : ` ${more}`);
}
