// A transport that puts down each answer as it came, for a person who looks into it: an adapter's own reads, made once more
// over it, so that what a read asks for, and in which pages, is never told twice.
import type { RawAnswer } from "../venue.ts";
import { withoutSecrets } from "./words.ts";

/** @param secrets Taken out of whatever came. */
export function keepingFetch(
  send: typeof fetch,
  kept: RawAnswer[],
  secrets: readonly string[],
): typeof fetch {
  const clean = (text: string) => withoutSecrets(text, secrets);
  return async (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : String(input));
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    const request = clean(`${method} ${pathname}${search}`);
    const place = kept.push({ request, status: null, body: "", problem: "no answer came" }) - 1;
    const keep = (status: number | null, body: string, problem: string | null) => {
      kept[place] = { request, status, body: clean(body), problem };
    };
    try {
      const response = await send(input, init);
      keep(response.status, "", "the answer broke off");
      keep(response.status, await response.clone().text(), null);
      return response;
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const { status } = kept[place] ?? { status: null };
      keep(status, "", clean(cause instanceof Error ? cause.message : String(cause)));
      throw error;
    }
  };
}
