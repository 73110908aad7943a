// Planted bugs in what is kept: the journal, its chain, checkpoints, and what a start makes of them.
import type { PlantedBug } from "./planting.ts";

export const BUGS_OF_RECORDS: readonly PlantedBug[] = [
  {
    id: "chain-not-linked",
    what: "Records that are written together do not each name the one before.",
    file: "src/journal/record-codec.ts",
    find: "    prevHash = record.hash;\n    return record;",
    replace: "    return record;",
  },
  {
    id: "hash-without-payload",
    what: "A record's hash does not cover what it says.",
    file: "src/journal/chain.ts",
    find: '  return createHash("sha256").update(head).update("\\n").update(payload).digest("hex");',
    replace: '  void payload;\n  return createHash("sha256").update(head).update("\\n").digest("hex");',
  },
  {
    id: "two-writers",
    what: "A journal takes records from a writer that does not know its last one.",
    file: "src/journal/memory/memory-journal.ts",
    find: "    if (head.seq !== expectedSeq || this.refused.has(writer)) {",
    replace: "    void expectedSeq;\n    if (this.refused.has(writer)) {",
  },
  {
    id: "conflict-ignored",
    what: "A writer goes on when the journal has refused its records.",
    file: "src/engine/writer.ts",
    find: 'if (result.kind === "conflict") throw this.fail(',
    replace: 'if (result.kind === "conflict") return; else if (!result) throw this.fail(',
  },
  {
    id: "checkpoint-forgets-intents",
    what: "A checkpoint leaves out which intents are known.",
    file: "src/core/book/state.ts",
    find: '  "intents",\n  "fills",',
    replace: '  "fills",',
  },
  {
    id: "checkpoint-forgets-kill",
    what: "A checkpoint leaves out that the account was killed.",
    file: "src/core/book/state.ts",
    find: '  "gate",\n  "kill",\n',
    replace: '  "gate",\n',
  },
  {
    id: "checkpoint-is-the-end",
    what: "A start with a checkpoint does not fold the records after it.",
    file: "src/engine/boot.ts",
    find: "  const book = (await fromCheckpoint(journal, account)) ?? emptyBook(account);\n  await foldOn(journal, book);",
    replace:
      "  const known = await fromCheckpoint(journal, account);\n  const book = known ?? emptyBook(account);\n  if (!known) await foldOn(journal, book);",
  },
];
