// Polymarket's dead-man switch: a heartbeat. Each beat carries the id that the answer to the last one gave. 10 s after the
// last that it took, the CLOB cancels the open orders of these API credentials, when it next looks: every 5 s. There is no
// call that stops it, and no other time can be chosen.
// @see https://docs.polymarket.com/trading/manage-orders "Order Heartbeats" (read 2026-11)
// @see https://docs.polymarket.com/api-reference/trade/send-heartbeat (read 2026-11)
// @see node_modules/@polymarket/clob-client-v2 1.1.0, dist/client.js (postHeartbeat: the path and the body)
import type { CommandOutcome, DeadManCommand } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import type { Reply } from "../wire/once.ts";
import { unknown, unsent } from "../wire/outcome.ts";
import type { FailureWords } from "./failure.ts";
import { outcomeOf } from "./outcome.ts";
import type { OrderSender } from "./sender.ts";

/** When it fires after the last beat. In ms. */
export const FIRES_AFTER_MS = 10_000;

/**
 * How an id that is not the expected one is refused: the guide has the sentence in `error_msg`, the reference in `error`.
 * @see https://docs.polymarket.com/api-spec/clob-openapi.yaml (read 2026-11)
 */
const NOT_EXPECTED = /^invalid heartbeat id/i;

/** No control characters, nothing that JSON would write differently: it goes back as it came. */
const ID = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

export class Heartbeat {
  private readonly sender: OrderSender;
  private readonly words: FailureWords;
  /** What the next beat has to carry; empty before the first. */
  private id = "";
  /** One after another: each needs the id that the one before it brings. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(sender: OrderSender, words: FailureWords) {
    this.sender = sender;
    this.words = words;
  }

  async deadMan({ timeoutMs, instrument }: DeadManCommand): Promise<CommandOutcome> {
    if (instrument !== undefined)
      return unsent("Polymarket's heartbeat keeps all orders, not those of one token");
    if (timeoutMs === 0) {
      return unsent(
        `Polymarket has no way to stop its heartbeat; it fires ${FIRES_AFTER_MS / 1_000} to 15 s after the last beat`,
      );
    }
    if (timeoutMs !== FIRES_AFTER_MS) {
      return unsent(`Polymarket's heartbeat fires after ${FIRES_AFTER_MS} ms; found ${timeoutMs}`);
    }
    const beat = this.last.then(() => this.beat());
    this.last = beat.catch(() => undefined);
    return beat;
  }

  private async beat(): Promise<CommandOutcome> {
    const reply = await this.sender.beat(this.id);
    const expected = expectedId(reply);
    if (expected !== undefined) {
      // An answer was lost, or another process with these credentials beats too. The next one carries it.
      this.id = expected;
      const reason = "another id was expected for this heartbeat; the next one carries it";
      return { kind: "rejected", sent: true, reason, code: "400" };
    }
    return outcomeOf("cancel", reply, this.words, (body) => {
      if (!isId(body.heartbeat_id))
        return unknown("the heartbeat was answered without the id of the next one");
      this.id = body.heartbeat_id;
      return { kind: "accepted" };
    });
  }
}

function expectedId(reply: Reply): string | undefined {
  if (reply.kind !== "answer" || reply.status !== 400) return undefined;
  const body = parsed(reply.text);
  if (!isObject(body) || !isId(body.heartbeat_id)) return undefined;
  const said = [body.error_msg, body.error].find((text) => typeof text === "string");
  return NOT_EXPECTED.test(String(said)) ? body.heartbeat_id : undefined;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}
