// What came of one request that reads: an answer, the venue's own "there is none", or why there is no answer. Trouble
// is a value here and not an exception, so that it can never be read as "nothing".
export type Answer =
  | { readonly kind: "answer"; readonly value: unknown }
  /** The venue states that what was asked for does not exist, with its own code; `code` is empty where it gave none. */
  | { readonly kind: "notFound"; readonly code: string; readonly message: string }
  | { readonly kind: "failed"; readonly problem: string };
