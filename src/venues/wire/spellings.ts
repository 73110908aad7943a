// How bots spell what a venue trades: `BLASTUSDT`, `BLAST/USDT`, `blast-usdt` are one instrument where the account has one
// that is spelled so. Nothing is guessed: where more than one fits, all are told and none is chosen. Pure; asks nobody.

/** One instrument that the adapter knows. */
export interface Spelled {
  /** Ours. */
  readonly name: string;
  /** The venue's own. */
  readonly id?: string;
  /** What people call it besides, such as a market's slug with the outcome: the case of letters is all that may differ. */
  readonly aliases?: readonly string[];
}

export interface SpellingsOptions {
  /**
   * The account may hold coins and contracts on them. What tells a pair alone (`BTCUSDT`) may then mean either, whatever is
   * listed today: a spelling whose meaning changes with a new listing would be worse than none.
   */
  readonly isMixed?: boolean;
}

/** A pair, or a perpetual contract on it. */
const PAIR = /^([^/:]+\/[^/:]+?)(?::([^/:-]+))?$/;
const SETTLED = /^([^/:]+\/[^/:]+):[^/:-]+(-.+)?$/;

export class Spellings {
  private readonly isMixed: boolean;
  private readonly names = new Set<string>();
  private readonly bySpelling = new Map<string, readonly string[]>();

  constructor({ isMixed = false }: SpellingsOptions = {}) {
    this.isMixed = isMixed;
  }

  /** What was known before stays known. */
  learn(known: Iterable<Spelled>): void {
    for (const { name, id, aliases = [] } of known) {
      this.names.add(name);
      for (const text of [name, withoutSettle(name), ...(id === undefined ? [] : [id])]) {
        this.note(looseKey(text), name);
      }
      for (const alias of aliases) this.note(exactKey(alias), name);
      if (this.isMixed) this.noteBoth(name);
    }
  }

  /** What it may mean: one instrument, several, or none that is known. Its own name is nobody else's spelling. */
  named(text: string): readonly string[] {
    if (this.names.has(text)) return [text];
    const fits = [exactKey(text), looseKey(text)].flatMap((key) => this.bySpelling.get(key) ?? []);
    return [...new Set(fits)].sort();
  }

  private noteBoth(name: string): void {
    const [, pair, settle] = PAIR.exec(name) ?? [];
    if (pair === undefined) return;
    const quote = pair.slice(pair.indexOf("/") + 1);
    this.note(looseKey(pair), pair);
    this.note(looseKey(pair), settle === undefined ? `${pair}:${quote}` : name);
  }

  private note(key: string, name: string): void {
    const known = this.bySpelling.get(key) ?? [];
    if (!known.includes(name)) this.bySpelling.set(key, [...known, name]);
  }
}

function withoutSettle(name: string): string {
  const [, pair = name, rest = ""] = SETTLED.exec(name) ?? [];
  return pair + rest;
}

/** Separators tell nothing, and the case of letters: those of ASCII, because others change into different letters. */
function looseKey(text: string): string {
  return `~${upper(text).replace(/[-_/:]/g, "")}`;
}

/** Numbers in a slug mean other things with and without what separates them. */
function exactKey(text: string): string {
  return `=${upper(text)}`;
}

function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
