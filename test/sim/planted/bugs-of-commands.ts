// Planted bugs on the way of a command: deciding, writing down, sending, and finding out what became of it; and in the
// gate and the kill that stand before it.
import type { PlantedBug } from "./planting.ts";

export const BUGS_OF_COMMANDS: readonly PlantedBug[] = [
  {
    id: "unknown-sent-again-as-new",
    what: "An order without an answer is sent again under another client order id.",
    file: "src/engine/order-desk.ts",
    find: "        call: (venue) => venue.submit?.(submitCommand(intent, clientOrderId)),",
    replace: `        call: async (venue) => {
          const answer = await venue.submit?.(submitCommand(intent, clientOrderId));
          if (answer?.kind !== "unknown") return answer as CommandOutcome;
          return (await venue.submit?.(submitCommand(intent, \`\${clientOrderId}-2\`))) ?? answer;
        },`,
  },
  {
    id: "unknown-sent-again",
    what: "An order without an answer is sent once more, and the second answer counts.",
    file: "src/engine/order-desk.ts",
    find: "    const answer = await this.answerOf(() => command.call(venue), orderKey, command.drafts);",
    replace: `    const first = await this.answerOf(() => command.call(venue), orderKey, command.drafts);
    const answer = first.kind === "unknown" ? await this.answerOf(() => command.call(venue), orderKey) : first;`,
  },
  {
    id: "unknown-taken-as-rejected",
    what: "An order without an answer in time is taken for rejected.",
    file: "src/core/commands/outcome.ts",
    find: 'return isWaiting(order) && !isAtVenue(order) ? { status: "unknown", statusReason: answer.reason } : {};',
    replace:
      'return isWaiting(order) && !isAtVenue(order) ? { status: "rejected", statusReason: answer.reason } : {};',
  },
  {
    id: "intent-sent-twice",
    what: "An intent that was said before is sent once more.",
    file: "src/core/commands/decide.ts",
    find: '  if (known.digest === digestOfIntent(intent)) return { kind: "known", orderKey: known.orderKey };',
    replace: "  if (known.digest === digestOfIntent(intent)) return null;",
  },
  {
    id: "client-id-of-the-moment",
    what: "The client order id depends on the moment, not on the intent alone.",
    file: "src/core/commands/decide.ts",
    find: "  const clientOrderId = clientOrderIdOf(book.account, policy, intent.intentId, intent.strategy, commands);",
    replace:
      '  const clientOrderId = clientOrderIdOf(book.account, policy, [intent.intentId, book.seq].join("@"), intent.strategy, commands);',
  },
  {
    id: "client-id-too-short",
    what: "The hash in a client order id is cut so short that two intents get the same.",
    file: "src/core/commands/intent.ts",
    find: "const ID_HEX_DIGITS = 24;",
    replace: "const ID_HEX_DIGITS = 2;",
  },
  {
    id: "sent-before-durable",
    what: "An order leaves before its intent is durable.",
    file: "src/engine/order-desk.ts",
    find: "    await writer.flush();\n    const unprepared = await preparing;",
    replace: "    writer.flush().catch(() => undefined);\n    const unprepared = await preparing;",
  },
  {
    id: "flush-does-not-wait",
    what: "What was written is taken for durable at once.",
    file: "src/engine/writer.ts",
    find: "    );\n    return this.durable;",
    replace: "    );\n    this.durable.catch(() => undefined);\n    return Promise.resolve();",
  },
  {
    id: "gate-not-asked-before-sending",
    what: "The gate is asked when an order is decided, and not again right before it leaves.",
    file: "src/engine/order-desk.ts",
    find: 'const held = hasStopped() ? ["the account is stopping"] : (command.mayLeave() ?? unprepared);',
    replace: 'const held = hasStopped() ? ["the account is stopping"] : unprepared;',
  },
  {
    id: "deadline-ignored",
    what: "An order leaves however long ago it was decided.",
    file: "src/engine/order-desk.ts",
    find: "    const isLate = runtime.clock.monotonicMs() > untilMs;",
    replace: "    const isLate = runtime.clock.monotonicMs() > untilMs * 1_000;",
  },
  {
    id: "forgotten-stay-pending",
    what: "After a start an order that was being sent is still taken for pending.",
    file: "src/core/commands/outcome.ts",
    find: '(order) => order.intentId !== null && orderStatus(order) === "pending",',
    replace: '(order) => order.intentId !== null && orderStatus(order) === "unknown",',
  },
  {
    id: "forgotten-never-sent",
    what: "After a start an order without an answer is taken for never sent.",
    file: "src/core/commands/outcome.ts",
    find: '  return waiting.flatMap((order) => observed(order, { status: "unknown", statusReason }));',
    replace: '  return waiting.flatMap((order) => observed(order, { status: "rejected", statusReason }));',
  },
  {
    id: "one-none-ends-an-order",
    what: 'One look-up that answers "none" ends an order of unknown outcome.',
    file: "src/core/reconcile/orders.ts",
    find: `    const isProven =
      !isFirst &&`,
    replace: "    const isProven =",
  },
  {
    id: "settle-time-ignored",
    what: 'A look-up that answers "none" counts although the order may still be on its way.',
    file: "src/core/reconcile/orders.ts",
    find: "  if (sentAtMs !== null) return elapsedMs(sentAtMs, nowMs, steady, sentSeq);",
    replace: "  if (sentAtMs !== null) return nowMs;",
  },
  {
    id: "on-its-way-ignored",
    what: "An order is ended while its request has no answer yet.",
    file: "src/core/reconcile/orders.ts",
    find: "    const isAbsent = isDenied && !context.sending.has(order.orderKey);",
    replace: "    const isAbsent = isDenied;",
  },
  {
    id: "absent-order-ends",
    what: "An order that two lists leave out has ended, whatever a look-up says.",
    file: "src/core/reconcile/orders.ts",
    find: 'isListAll ? isComplete(context.observation.orders) : answer?.kind === "none";',
    replace: "isListAll || isComplete(context.observation.orders);",
  },
  {
    id: "cancel-believed",
    what: "An order whose cancel was asked for is taken for canceled.",
    file: "src/engine/order-desk.ts",
    find: "    const answer = await this.answerOf(() => venue.cancel?.(handleOf(handle, known)));",
    replace: `    const answer = await this.answerOf(() => venue.cancel?.(handleOf(handle, known)));
    if (known) {
      const { orderKey, instrument } = known;
      const change = { status: "canceled" as const };
      writer.stage([draft("order_state_observed", { orderKey, instrument, change, source: "venue" }, "command")]);
    }`,
  },
  {
    id: "cancel-noted-in-memory",
    what: "That a cancel was asked for is noted in the book and not in the journal.",
    file: "src/engine/order-desk.ts",
    find: "    if (known) writer.stage(cancelDrafts(known.orderKey, known.instrument, by));",
    replace: "    if (known) known.cancelRequestedAt ??= this.inputs.runtime.clock.nowMs();\n    void by;",
  },
  {
    id: "reducing-ignores-open-orders",
    what: "Whether an order reduces is reckoned without the orders that are open already.",
    file: "src/core/admit.ts",
    find: "    base,\n    add(base, open.bought),\n    subtract(base, open.sold),",
    replace: "    base,",
  },
  {
    id: "limits-ignore-open-orders",
    what: "The limit of a position is reckoned without the orders that are open already.",
    file: "src/core/commands/limits.ts",
    find: "    bought: isBuy ? add(open.bought, qty) : open.bought,\n    sold: isBuy ? open.sold : add(open.sold, qty),",
    replace: "    bought: isBuy ? qty : ZERO,\n    sold: isBuy ? ZERO : qty,",
  },
  {
    id: "gate-opens-unread",
    what: "The gate opens with the first pass, whether it read everything or not.",
    file: "src/engine/pass.ts",
    find: "memory.hasCompletePass ||= isAll && this.releases === memory.releases;",
    replace: "memory.hasCompletePass = true;",
  },
  {
    id: "gate-ignores-doubt",
    what: "A read that leaves positions out without proof does not close the gate.",
    file: "src/core/reconcile/gate-reasons.ts",
    find: '    account.push(reason("suspect_read", "reduce_only", findings.suspect, ["positions"]));',
    replace: "",
  },
  {
    id: "gate-ignores-discrepancies",
    what: "An open discrepancy does not hold the gate.",
    file: "src/core/reconcile/gate-reasons.ts",
    find: 'const open = [...book.discrepancies.values()].filter(({ policy }) => policy !== "watch");',
    replace: 'const open = [...book.discrepancies.values()].filter(({ policy }) => policy === "halt");',
  },
  {
    id: "pass-releases-kill",
    what: "The first complete pass after a kill opens the gate again.",
    file: "src/core/reconcile/gate-reasons.ts",
    find: "  if (book.kill) {",
    replace: "  if (book.kill && !findings.hasCompletePass) {",
  },
  {
    id: "kill-lost-at-restart",
    what: "A kill that was asked for while nothing ran is not taken up at the start.",
    file: "src/engine/session.ts",
    find: "    if (latch && !this.book.kill) this.writer.stage(killDrafts(this.book, latch));",
    replace: "    void latch;",
  },
  {
    id: "boot-forgets-kill",
    what: "A start sets the account's gate and leaves out that it was killed.",
    file: "src/engine/hold.ts",
    find: 'return accountDraft(book, [...others, ...killed, boot], "boot");',
    replace: 'void killed;\n  return accountDraft(book, [...others, boot], "boot");',
  },
  {
    id: "kill-leaves-orders",
    what: "A kill cancels nothing that is open.",
    file: "src/core/commands/kill-risk.ts",
    find: "  return open.filter((_, index) => !staying[index]);",
    replace: "  return open.filter((_, index) => scope.isAll && !staying[index]);",
  },
  {
    id: "liquidation-does-not-halt",
    what: "Trading goes on after the venue has liquidated a position.",
    file: "src/engine/hold.ts",
    find: '  const held = book.gate.account.filter(({ code }) => code === "forced_trade");',
    replace:
      '  if (cause === "liquidation") return [];\n  const held = book.gate.account.filter(({ code }) => code === "forced_trade");',
  },
];
