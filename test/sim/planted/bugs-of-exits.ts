// Planted bugs in what closes positions: what is armed, when it acts, what its order asks for, whose lots are whose, what a
// kill lets through, and a person's plan to close.
import type { PlantedBug } from "./planting.ts";

const ARM = "src/core/exits/arm.ts";
const DECIDE = "src/core/exits/decide.ts";
const EVALUATE = "src/core/exits/evaluate.ts";
const ENGINE = "src/engine/exits.ts";
const AT_VENUE = "src/engine/placed-exits.ts";

export const BUGS_OF_EXITS: readonly PlantedBug[] = [
  {
    id: "exit-armed-for-the-most",
    what: "An exit is armed for the most that was ever held, and not for what is.",
    file: ARM,
    find: "    const qty = floorTo(min(closing, free), qtyStep);",
    replace: "    const qty = floorTo(life.qtyMax, qtyStep);",
  },
  {
    id: "exit-keeps-its-quantity",
    what: "An exit that is armed keeps its quantity when more or less is held.",
    file: DECIDE,
    find: '  return { exitId, ...wanted, why: isOnlyQty ? "quantity" : "levels" };',
    replace: '  return isOnlyQty ? null : { exitId, ...wanted, why: "levels" };',
  },
  {
    id: "exit-stays-when-flat",
    what: "An exit stays armed when its lot is closed.",
    file: DECIDE,
    find: "    if (wanted.has(lot) || doubted.has(lot)) continue;",
    replace: "    if (wanted.has(lot) || doubted.has(lot) || !present.has(lot)) continue;",
  },
  {
    id: "exits-forgotten-by-checkpoint",
    what: "A checkpoint leaves out which exits are armed, so that a start arms them a second time.",
    file: "src/core/book/state.ts",
    find: '  "exits",\n',
    replace: "",
  },
  {
    id: "plans-forgotten-by-checkpoint",
    what: "A checkpoint leaves out the exit plans that people set.",
    file: "src/core/book/state.ts",
    find: '  "exitPlans",\n',
    replace: "",
  },
  {
    id: "short-stop-like-long",
    what: "A short position's stop acts when the price falls, like a long one's.",
    file: EVALUATE,
    find: "isReached(price, exit.stop, !isLong)",
    replace: "isReached(price, exit.stop, false)",
  },
  {
    id: "stop-on-the-winning-side",
    what: "A stop that is a part of the entry price lies on the side on which the position wins.",
    file: ARM,
    find: "  const stop = levelOf(plan.stop, entryPrice, !isLong, priceStep);",
    replace: "  const stop = levelOf(plan.stop, entryPrice, isLong, priceStep);",
  },
  {
    id: "stale-price-acted-on",
    what: "An exit acts on the last price, however old it is.",
    file: ENGINE,
    find: "    const price = known?.isFresh ? closingPrice(facts.side, known.tick) : null;",
    replace: "    const price = known ? closingPrice(facts.side, known.tick) : null;",
  },
  {
    id: "old-price-looks-young",
    what: "A price that the venue tells again becomes young by that.",
    file: "src/engine/price-board.ts",
    find: "  private ageOf({ heldAtMs, statedMs }: Part<unknown>): number {",
    replace:
      "  private ageOf({ receivedAtMs: heldAtMs }: Part<unknown>): number {\n    const statedMs = undefined as number | undefined;",
  },
  {
    id: "exit-loses-its-flag",
    what: "An exit's order leaves without the venue's reduce-only flag.",
    file: "src/engine/order-desk.ts",
    find: "  return { ...order, clientOrderId };",
    replace: '  return { ...order, reduceOnly: order.reduceOnly && order.type !== "market", clientOrderId };',
  },
  {
    id: "second-exit-while-unknown",
    what: "An exit sends another order while the outcome of the last one is not known.",
    file: ENGINE,
    find: "    if (order && (isActive(order) || !this.hasBeenRead(order))) {",
    replace: `    const isEnd = order && !isActive(order) && this.hasBeenRead(order);
    if (order && !isEnd && order.observedStatus !== "unknown") {`,
  },
  {
    id: "exit-intent-of-another-attempt",
    what: "An exit's order has another intent id than the trigger that it follows from.",
    file: DECIDE,
    find: "    intentId: exitIntentId(exitId, attempt),",
    replace: "    intentId: exitIntentId(exitId, attempt + 1),",
  },
  {
    id: "trailing-best-lost",
    what: "A trailing stop forgets at a restart how far the price had come.",
    file: ENGINE,
    find: "    const known = this.bests.get(exitId) ?? written ?? firstBest(facts);",
    replace: "    const known = this.bests.get(exitId) ?? firstBest(facts);",
  },
  {
    id: "trailing-follows-back",
    what: "A trailing stop follows the price back.",
    file: EVALUATE,
    find: '  return side === "long" ? max(best, price) : min(best, price);',
    replace: '  return side === "long" ? price : min(best, price);',
  },
  {
    id: "time-stop-by-jumped-clock",
    what: "A time stop acts when our clock is set ahead.",
    file: ENGINE,
    find: "    return byMs !== 0 && nowMs - sinceMs < STEADY_MS ? 0 : nowMs;",
    replace: "    return byMs !== 0 && sinceMs > nowMs ? 0 : nowMs;",
  },
  {
    id: "minimum-hold-ignored",
    what: "Targets and trailing stops act before the minimum hold is over.",
    file: EVALUATE,
    find: "  if (exit.holdUntilMs !== null && nowMs < exit.holdUntilMs) return null;",
    replace: "  if (exit.holdUntilMs !== null && nowMs < 0) return null;",
  },
  {
    id: "minimum-hold-for-stops",
    what: "A stop does not act before the minimum hold is over.",
    file: EVALUATE,
    find: "  if (price !== null && exit.stop !== null && isReached",
    replace:
      "  if (exit.holdUntilMs !== null && nowMs < exit.holdUntilMs) return null;\n  if (price !== null && exit.stop !== null && isReached",
  },
  {
    id: "exit-tries-once",
    what: "When the order of an exit closed a part, nothing follows for the rest.",
    file: ENGINE,
    find: "    // A target that is no longer there is waited for again; whatever else has come to pass is carried out.",
    replace: "    if (order) return;",
  },
  {
    id: "exit-passes-any-kill",
    what: "Exits that were armed after a kill act under it.",
    file: "src/core/commands/decide.ts",
    find: "  return kill?.isNoExits !== true && exitsBeforeKill.has(exitId);",
    replace: "  return kill?.isNoExits !== true && exitId !== exitsBeforeKill.size.toString();",
  },
  {
    id: "no-exits-ignored",
    what: "Exits act under a kill that says that none may.",
    file: "src/core/commands/decide.ts",
    find: "  return kill?.isNoExits !== true && exitsBeforeKill.has(exitId);",
    replace: "  return kill !== undefined && exitsBeforeKill.has(exitId);",
  },
  {
    id: "lot-of-another-sold",
    what: "An exit closes what a person gave to another strategy a moment ago.",
    file: DECIDE,
    find: "  const own = min(facts.qty, lotOnSide(book, key, facts));",
    replace: '  const own = facts.qty === "0" ? lotOnSide(book, key, facts) : facts.qty;',
  },
  {
    id: "opposed-lot-armed",
    what: "A lot on the other side than its position is armed like the rest.",
    file: ARM,
    find: "    .filter(([, { qty }]) => sign(qty) === direction)",
    replace: "    .filter(([, { qty }]) => sign(qty) !== 0 && direction !== 0)",
  },
  {
    id: "opposed-lots-not-set-off",
    what: "Lots are armed for all that they have, whatever opposite ones set off.",
    file: ARM,
    find: "  let free = heldForSure(book, key, life.direction, venueQty(key));\n  let known = heldForSure(book, key, life.direction, null);",
    replace: `  void venueQty;
  let free = [...ledger.lots.values()].map(({ qty }) => abs(qty)).reduce(add);
  let known = free;`,
  },
  {
    id: "lot-move-too-large",
    what: "A person may give away more of a lot than there is.",
    file: "src/core/commands/reattribution.ts",
    find: "  if (compare(qty, abs(before)) > 0) {",
    replace: "  if (compare(abs(before), qty) === 5) {",
  },
  {
    id: "default-above-person",
    what: "The configured default stands above a person's plan.",
    file: ARM,
    find: "  if (set) return {",
    replace: "  if (set && exits.default === null) return {",
  },
  {
    id: "unprotected-not-told",
    what: "A position that nothing would close is told only when all of its lots are.",
    file: "src/core/reconcile/exits.ts",
    find: '    if (lot.code !== "price_stale" || context.exitTroubles.has',
    replace: '    if (lot.code === "declined" || context.exitTroubles.has',
  },
  {
    id: "closing-order-refused",
    what: "An order that closes all of a position counts as opening one.",
    file: "src/core/admit.ts",
    find: "    return isSmaller && (isZero(after) || sign(after) === sign(qty));",
    replace: "    return isSmaller && sign(after) === sign(qty);",
  },
  {
    id: "feed-keeps-what-is-closed",
    what: "The price feed goes on following what is no longer held.",
    file: "src/engine/prices.ts",
    find: "    this.wanted = wanted;",
    replace: "    this.wanted = [...new Set([...wanted, ...this.wanted])].sort();",
  },
  {
    id: "flatten-believes-its-orders",
    what: "A plan to close says that a position is flat because an order was sent.",
    file: "src/engine/flatten.ts",
    find: "    const isClosed = isFlat(context, key) && isProven;",
    replace: "    const isClosed = sent.length > 0 || (isFlat(context, key) && isProven);",
  },
  {
    id: "placed-exit-outlives-position",
    what: "An exit that lies at the venue is not cancelled when its position is closed.",
    file: AT_VENUE,
    find: "      if (this.isKeptByKill(order)) return;\n      this.end(slot, order);",
    replace: "",
  },
  {
    id: "placed-exit-beside-one-that-leaves",
    what: "An exit is placed at the venue again as soon as the one before it was asked to go.",
    file: "src/core/exits/placed.ts",
    find: "const slot = order.intentId === null || !isActive(order) ? null : placedSlotOf(order);",
    replace:
      "const isGone = !isActive(order) || order.cancelRequestedAt !== null;\n    const slot = order.intentId === null || isGone ? null : placedSlotOf(order);",
  },
  {
    id: "placed-exit-keeps-its-quantity",
    what: "An exit that lies at the venue keeps its quantity when more or less is held.",
    file: AT_VENUE,
    find: "    const isWhole = openQty(order) === wish.qty;",
    replace: "    const isWhole = sign(openQty(order)) > 0;",
  },
  {
    id: "placed-exit-gives-way-to-nothing",
    what: "What lies at the venue makes way for an exit's order that the kill keeps back.",
    file: ENGINE,
    find: "    const mayLeave = kill === null || mayPassKill(",
    replace: "    const mayLeave = kill !== undefined || mayPassKill(",
  },
  {
    id: "exit-pauses-again",
    what: "After an order that has ended an exit pauses again each time that something has to make way for the next one.",
    file: ENGINE,
    find: "    if (order && this.pausedAfter.get(lot) !== trigger.intentId) {",
    replace: "    if (order) {",
  },
  {
    id: "dead-man-set-late",
    what: "The venue's dead-man switch is set anew when its time is over, and not before.",
    file: "src/engine/dead-man.ts",
    find: "    if (failures === 0) return this.timeoutMs / PARTS;",
    replace: "    if (failures === 0) return this.timeoutMs * PARTS;",
  },
];
