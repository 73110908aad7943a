// The union diff: every key that either side has, once, in a fixed order, with both rows. The one comparison
// behind orders, positions, balances and every mirror; what "equal" means is the caller's.

export interface Pair<L, V> {
  readonly key: string;
  readonly local: L | undefined;
  readonly venue: V | undefined;
}

/** All keys of both sides, sorted, each with its rows. */
export function unionByKey<L, V>(local: ReadonlyMap<string, L>, venue: ReadonlyMap<string, V>): Pair<L, V>[] {
  const keys = new Set([...local.keys(), ...venue.keys()]);
  return [...keys].sort().map((key) => ({ key, local: local.get(key), venue: venue.get(key) }));
}

/** The order in which differences are told, whatever order the rows came in. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Rows of one key that cannot both be true, where nothing tells which is newer. */
export interface Suspects<Row> {
  readonly key: string;
  readonly rows: readonly Row[];
}

export interface Deduplicated<Row> {
  readonly rows: ReadonlyMap<string, Row>;
  /** Rows that were left out as doubles or as older, by key. */
  readonly duplicates: ReadonlyMap<string, number>;
  readonly suspects: readonly Suspects<Row>[];
}

/**
 * One row a key (R9): identical rows count once, of differing rows the one that `prefer` names stays, and where
 * it names none the key is suspect. Rows are never summed.
 */
export function deduplicate<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  isSame: (a: Row, b: Row) => boolean,
  prefer: (a: Row, b: Row) => Row | undefined,
): Deduplicated<Row> {
  const single = new Map<string, Row>();
  for (const row of rows) single.set(keyOf(row), row);
  // Nearly every read: no key comes twice, and there is nothing to weigh.
  if (single.size === rows.length) return { rows: single, duplicates: new Map(), suspects: [] };
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const kept = new Map<string, Row>();
  const duplicates = new Map<string, number>();
  const suspects: Suspects<Row>[] = [];
  for (const [key, group] of groups) {
    const winner = winnerOf(group, isSame, prefer);
    if (winner === undefined) {
      suspects.push({ key, rows: group });
      continue;
    }
    kept.set(key, winner);
    if (group.length > 1) duplicates.set(key, group.length - 1);
  }
  return { rows: kept, duplicates, suspects };
}

function winnerOf<Row>(
  group: readonly Row[],
  isSame: (a: Row, b: Row) => boolean,
  prefer: (a: Row, b: Row) => Row | undefined,
): Row | undefined {
  return group.reduce<Row | undefined>((best, row, index) => {
    if (index === 0) return row;
    if (best === undefined) return undefined;
    return isSame(best, row) ? best : prefer(best, row);
  }, undefined);
}
