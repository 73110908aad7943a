// What each witness of R1 is called when a person is told that a position is proven flat.

const WORDS: Readonly<Record<string, string>> = {
  row: "the venue's own row, which says zero",
  lookup: "a look-up of this one position, which answered none",
  fills: "fills that net it to zero",
  totals: "account totals without any position value",
  absence: "its absence from a complete read",
  person: "nothing but a person's word",
};

export function witnessWords(witness: string): string {
  return WORDS[witness] ?? witness;
}
