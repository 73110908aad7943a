// What the tests of the ccxt adapter share.
import type { VenueDeclaration } from "../../../src/venues/index.ts";

export type Row = Readonly<Record<string, unknown>>;

export function declarationOf(all: readonly VenueDeclaration[], name: string): VenueDeclaration {
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`no profile is called ${name}`);
  return found;
}

export function byIndex<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index];
}
