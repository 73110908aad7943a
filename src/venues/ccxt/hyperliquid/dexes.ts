// The perpetual exchanges of Hyperliquid that an account may hold positions on: its own (named ""), and those that others
// have built on it (HIP-3). Each is asked for by itself: a question without a name is answered for the first one only,
// and nothing says that there are others.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals "Retrieve all perpetual
// dexs" (read 2026-11)
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import { askInfo } from "./info.ts";

export class Dexes {
  private readonly client: Client;
  /** Those that the account is narrowed to; undefined where it is not. */
  private readonly chosen: readonly string[] | undefined;
  private known: readonly string[] = [""];

  constructor(client: Client, chosen: readonly string[] | undefined) {
    this.client = client;
    this.chosen = chosen;
  }

  names(): readonly string[] {
    return this.chosen ?? this.known;
  }

  /** @throws Error with the reason where they cannot be read: without the list nothing is complete. */
  async load(): Promise<void> {
    if (this.chosen !== undefined) return;
    const answer = await askInfo(this.client, "the dexes", { type: "perpDexs" });
    if (answer.kind !== "answer" || !Array.isArray(answer.value)) {
      throw new Error(answer.kind === "failed" ? answer.problem : "the dexes were not answered with a list");
    }
    // The first element is null: the exchange's own.
    const named = answer.value.flatMap((one) =>
      isObject(one) && typeof one.name === "string" ? [one.name] : [],
    );
    this.known = ["", ...named];
  }
}

/** A list, or a text with commas; "main" is the exchange's own. */
export function chosenDexes(value: unknown): readonly string[] | undefined {
  const names = typeof value === "string" ? value.split(",") : value;
  if (!Array.isArray(names)) return undefined;
  return names.map((name) => String(name).trim()).map((name) => (name === "main" ? "" : name));
}
