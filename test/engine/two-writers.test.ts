// Two processes on one account: whoever the journal refuses has written nothing since, whatever it had under way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Draft, draft, emptyBook } from "../../src/core/index.ts";
import { AccountWriter } from "../../src/engine/writer.ts";
import { JournalError } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";

const CLOCK = { nowMs: () => 1, monotonicMs: () => 1 };

function alert(text: string): Draft[] {
  return [draft("alert_raised", { kind: "gate_closed", subject: null, text, evidence: [] }, "test")];
}

test("[R17] a writer that is refused leaves nothing behind, though its next records fit after the other's (seed 889828474)", async () => {
  const journal = new MemoryJournal();
  const [one, other] = [0, 1].map(() => new AccountWriter(emptyBook("a"), journal, CLOCK));
  assert.ok(one && other);
  other.stage(alert("of the other"));
  const first = other.flush();
  one.stage(alert("of the one"));
  const refused = one.flush();
  one.stage(alert("on top of it"));
  const onTop = one.flush();
  await first;
  await assert.rejects(refused, JournalError);
  await assert.rejects(onTop, JournalError);
  const texts = (await journal.read("a", 0, 9)).flatMap((record) =>
    record.kind === "alert_raised" ? [record.payload.text] : [],
  );
  assert.deepEqual(texts, ["of the other"]);
});
