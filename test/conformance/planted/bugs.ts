// Wrong changes of the template and of real adapters, one at a time: what authors of adapters get wrong, and what it has cost people.
// The suite must see each; which sentence sees it is written down, so that a claim which goes blind is noticed.

export interface AdapterBug {
  readonly id: string;
  /** Of whose suite; the template's unless given. */
  readonly adapter?: "alpaca" | "binance" | "bybit";
  /** Below the adapter's folder. */
  readonly file: string;
  /** What is there, exactly once, and what stands there instead. */
  readonly before: string;
  readonly after: string;
  /** Which of the two benches; `net` unless given. */
  readonly bench?: "net" | "hedge";
  /** A test that fails with it; part of its name. */
  readonly seenBy: string;
}

export const ADAPTER_BUGS: readonly AdapterBug[] = [
  {
    id: "first page taken for the whole",
    file: "pages.ts",
    before: "if (next === null) return read();",
    after: "return read();",
    seenBy: "also where there are more than a page of them",
  },
  {
    id: "a page that failed is the end",
    file: "pages.ts",
    before: "return page === 0 ? unavailable(problem) : read(problem);",
    after: "return page === 0 ? unavailable(problem) : read();",
    seenBy: "after a first good page never makes a section complete and wrong",
  },
  {
    id: "trouble is an empty list",
    file: "pages.ts",
    before: "return page === 0 ? unavailable(problem) : read(problem);",
    after: "return read();",
    seenBy: '"500" never makes a section complete and wrong',
  },
  {
    id: "a row that cannot be read is left out",
    file: "pages.ts",
    before: "...problemsOf(parsed)",
    after: "...problemsOf([])",
    seenBy: '"one row more that says nothing" never makes',
  },
  {
    id: "an unknown object is no rows",
    file: "pages.ts",
    before: "return isPage ? undefined :",
    after: "return isPage || !isPage ? undefined :",
    seenBy: "an object that nobody knows",
  },
  {
    id: "coverage of what was not read",
    file: "pages.ts",
    before: 'return section.quality === "complete" ? { ...section, coverage: { fromMs, toMs } } : section;',
    after: "return { ...section, coverage: { fromMs, toMs } };",
    seenBy: "never makes a section complete and wrong",
  },
  {
    id: "a short is long",
    file: "parse.ts",
    before: 'qty: fields.decimal("size"),\n      ...(entryPrice',
    after: 'qty: fields.text("size").replace("-", "") as never,\n      ...(entryPrice',
    seenBy: "has a position that is short, with its sign",
  },
  {
    id: "amounts go through floats",
    file: "parse.ts",
    before: 'amount: fields.decimal("amount"),',
    after: 'amount: String(Number(fields.text("amount"))) as never,',
    seenBy: "keeps every digit of an amount",
  },
  {
    id: "the cause of a forced fill is lost",
    file: "parse.ts",
    before: "...(forced !== undefined && { forced }),",
    after: "...(forced !== undefined && {}),",
    seenBy: "by liquidation carry their cause",
  },
  {
    id: "the position before for the position after",
    file: "parse.ts",
    before: 'positionAfter: fields.decimal("position_after"),',
    after: 'positionAfter: fields.decimal("size"),',
    seenBy: "carry the position after them",
  },
  {
    id: "a fee without its asset's name",
    file: "parse.ts",
    before: '...(feeCurrency !== undefined && { fee: fields.decimal("fee"), feeCurrency }),',
    after: '...(feeCurrency !== undefined && { fee: fields.decimal("fee"), feeCurrency: "USD" }),',
    seenBy: "with a fee have what was paid",
  },
  {
    id: "the order's id for the trade's",
    file: "parse.ts",
    before: 'tradeId: fields.text("id"),',
    after: 'tradeId: fields.optionalText("order_id") ?? fields.text("id"),',
    seenBy: "of an order that was filled in parts",
  },
  {
    id: "an inverse contract without its multiplier",
    file: "symbols.ts",
    before: 'multiplier: decimal("100"), ',
    after: "multiplier: ONE, ",
    bench: "hedge",
    seenBy: "names each instrument as the account does",
  },
  {
    id: "a submit is sent again",
    file: "client.ts",
    before: "sendOnce({ fetch: send, words }, (once) =>",
    after:
      "sendOnce({ fetch: async (url, init) => { try { return await send(url, init); } catch { return send(url, init); } }, words }, (once) =>",
    seenBy: "are sent once and unknown (submit)",
  },
  {
    id: "a 5xx is a refusal",
    file: "outcome.ts",
    before: "if (code !== undefined && status >= 400 && status < 500 && REFUSALS.has(code)) {",
    after: "if (status >= 400) {",
    seenBy: 'that meet "500 after" are sent once and unknown',
  },
  {
    id: "a duplicate client id is a refusal",
    file: "outcome.ts",
    before: '"reduce_only",\n',
    after: '"reduce_only",\n  "duplicate_client_id",\n',
    seenBy: "with a client order id that is in use are unknown",
  },
  {
    id: "a lost answer is a refusal",
    file: "outcome.ts",
    before: 'if (reply.kind === "lost") return unknown(reply.problem);',
    after: 'if (reply.kind === "lost") return { kind: "rejected", sent: true, reason: reply.problem };',
    seenBy: 'that meet "a reset after" are sent once and unknown',
  },
  {
    id: "any success is the order's",
    file: "outcome.ts",
    before: 'if (order.kind === "problem") return unknown(`HTTP 200 without an order:',
    after:
      'if (order.kind === "problem") return { kind: "accepted" };\n    return unknown(`HTTP 200 without an order:',
    seenBy: 'that meet "a page for people with status 200 after"',
  },
  {
    id: "a 404 of anything is none",
    file: "client.ts",
    before: 'if (status === 404 && isObject(value) && typeof value.error === "string") {',
    after: "if (status >= 400) {",
    seenBy: 'is unknown after "an error that repeats the keys", never none',
  },
  {
    id: "a look-up that fails is none",
    file: "harbour-venue.ts",
    before:
      'if (answer.kind === "failed") return unknown(answer.problem);\n    if (answer.kind === "notFound") {\n      return answer.code === "no_order"',
    after:
      'if (answer.kind === "failed") return { kind: "none" };\n    if (answer.kind === "notFound") {\n      return answer.code === "no_order"',
    seenBy: "is unknown after",
  },
  {
    id: "live before it is acknowledged",
    file: "stream.ts",
    before:
      'return [say({ op: "subscribe", channels: CHANNELS }, "an acknowledgement of the subscription")];',
    after:
      'return [say({ op: "subscribe", channels: CHANNELS }, "an acknowledgement of the subscription"), { kind: "live" }];',
    seenBy: "is live when the subscription is acknowledged, and not before",
  },
  {
    id: "a stream without a heartbeat",
    file: "stream.ts",
    before: 'return [say({ op: "ping" }, "a pong")];',
    after: "return [];",
    seenBy: "that answers no more is a gap",
  },
  {
    id: "an expired key is nothing",
    file: "stream.ts",
    before: 'return [{ kind: "end", reason: "the stream\'s key has expired" }];',
    after: "return [];",
    seenBy: "whose key has expired is a gap",
  },
  {
    id: "what cannot be read on the stream is dropped",
    file: "stream.ts",
    before: 'return [{ kind: "lost", problem: "a message came that is no object" }];',
    after: "return [];",
    seenBy: "on which something comes that cannot be read",
  },
  {
    id: "a fill that was taken back is one more",
    file: "stream.ts",
    before: 'kind: "fillReversed",',
    after: 'kind: "fill" as "fillReversed",',
    seenBy: "tells that a fill was taken back",
  },
  {
    id: "a secret in a failure",
    file: "client.ts",
    before: 'return { kind: "failed", problem: describeFailure(what, error, words) };',
    after:
      'return { kind: "failed", problem: JSON.stringify(headers) + describeFailure(what, error, words) };',
    seenBy: '"a reset" never makes a section complete and wrong',
  },
  {
    id: "frames with the key in them",
    file: "index.ts",
    before: "timing: STREAM_TIMING, secrets: [keyId, secret] };",
    after: "timing: STREAM_TIMING, secrets: [] };",
    seenBy: "gives each message to be recorded, without a secret in it",
  },
  {
    id: "redirects are followed",
    file: "client.ts",
    before: 'const response = await send(url, { method, headers, redirect: "error" });',
    after: "const response = await send(url, { method, headers });",
    seenBy: '"a redirect"',
  },
  {
    id: "no rate budget",
    file: "index.ts",
    before: "const client = openClient({ baseUrl, keyId, secret, fetch, words });",
    after: "const client = openClient({ baseUrl, keyId, secret, fetch: fetch && options.fetch, words });",
    seenBy: "that asks to wait is obeyed",
  },
  {
    id: "the account's id from our own configuration",
    file: "harbour-venue.ts",
    before: '...(typeof value?.id === "string" && { venueAccountId: value.id }),',
    after: '...(typeof value?.id === "string" && { venueAccountId: "harbour-account-7001" }),',
    seenBy: "that answers for another account shows in the account's id",
  },
  {
    id: "an order that is over is listed",
    file: "parse.ts",
    before: 'canceled: "canceled",',
    after: 'canceled: "open",',
    seenBy: "tells the end of an order",
  },
  {
    id: "a cancel of a filled order is taken for done",
    file: "outcome.ts",
    before: "const said = `HTTP ",
    after: 'if (code === "order_ended") return { kind: "accepted" };\n  const said = `HTTP ',
    seenBy: "that cancel an order which was filled meanwhile",
  },
  {
    id: "reduce-only is forgotten",
    file: "harbour-venue.ts",
    before: 'reduce_only: reduceOnly ? "yes" : "no",',
    after: 'reduce_only: "no",',
    seenBy: "place an order that only reduces as one",
  },
  {
    id: "an exception for a page of nothing",
    file: "harbour-venue.ts",
    before: 'const value = account.kind === "answer" && isObject(account.value) ? account.value : undefined;',
    after:
      "const value = (account as { value: Record<string, unknown> }).value as Record<string, unknown>; value.id;",
    seenBy: "never makes a section complete and wrong",
  },
  {
    id: "Alpaca: a page of orders that failed is the end",
    adapter: "alpaca",
    file: "orders.ts",
    before: ": { facts, problems: [...problems, listed.problem] };",
    after: ": { facts, problems };",
    seenBy: "after a first good page never makes a section complete and wrong",
  },
  {
    id: "Alpaca: only the first page of activities",
    adapter: "alpaca",
    file: "activities.ts",
    before: 'if (page.activities.length < ACTIVITIES_PAGE) return kept.ended("whole");',
    after: 'return kept.ended("whole");',
    seenBy: "are each there once over more pages than one",
  },
  {
    id: "Alpaca: a short is long",
    adapter: "alpaca",
    file: "parse.ts",
    before: "return direction === -1 && sign(qty) > 0 ? negate(qty) : qty;",
    after: "return qty.replace('-', '') as typeof qty;",
    seenBy: "has a position that is short, with its sign",
  },
  {
    id: "Alpaca: a fill is joined by its own quantity",
    adapter: "alpaca",
    file: "trade-updates.ts",
    before: "joinKey: cumulative,",
    after: "joinKey: qty,",
    seenBy: "tells a fill at once, as the history tells it",
  },
  {
    id: "Alpaca: a taken client id is a refusal",
    adapter: "alpaca",
    file: "outcome.ts",
    before: 'if (command !== "cancel" && OF_CLIENT_ID.test(body.message)) {',
    after: 'if (body.message === "") {',
    seenBy: "with a client order id that is in use are unknown",
  },
  {
    id: "Alpaca: the subscription is never stated again",
    adapter: "alpaca",
    file: "stream.ts",
    before: 'return [listen("an acknowledgement that the subscription stands")];',
    after: "return [];",
    seenBy: "that answers no more is a gap",
  },
  {
    id: "Alpaca: live when authorized",
    adapter: "alpaca",
    file: "stream.ts",
    before: 'return [listen("an acknowledgement of the subscription")];',
    after: 'return [listen("an acknowledgement of the subscription"), { kind: "live" }];',
    seenBy: "is live when the subscription is acknowledged",
  },
  {
    id: "Binance: a short is long",
    adapter: "binance",
    file: "parse-usdm.ts",
    before: 'qty: fields.decimal("positionAmt"),',
    after: 'qty: fields.text("positionAmt").replace("-", "") as never,',
    seenBy: "has a position that is short, with its sign",
  },
  {
    id: "Binance: the first page of trades is all",
    adapter: "binance",
    file: "fills.ts",
    before: "      this.fromId = Math.max(...read.ids) + 1;\n    } else",
    after: "      this.prove(toMs);\n      return this.end();\n    } else",
    seenBy: "are each there once over more pages than one",
  },
  {
    id: "Binance: an ADL is a liquidation",
    adapter: "binance",
    file: "parse.ts",
    before: '{ prefix: "adl_autoclose", cause: "adl" },',
    after: '{ prefix: "adl_autoclose", cause: "liquidation" },',
    seenBy: "by adl carry their cause",
  },
  {
    id: "Binance: an expired key is news",
    adapter: "binance",
    file: "stream.ts",
    before: 'if (isObject(content) && content.e === "listenKeyExpired") {',
    after: 'if (isObject(content) && content.e === "never") {',
    seenBy: "whose key has expired is a gap",
  },
  {
    id: "Binance: a stream without a ping",
    adapter: "binance",
    file: "stream.ts",
    before:
      'return [{ kind: "live" }];\n  }\n\n  heartbeat(): readonly Step[] {\n    return [{ kind: "ping" }];',
    after: 'return [{ kind: "live" }];\n  }\n\n  heartbeat(): readonly Step[] {\n    return [];',
    seenBy: "that answers no more is a gap",
  },
  {
    id: "Binance: a lost answer is a refusal",
    adapter: "binance",
    file: "outcome.ts",
    before: 'if (reply.kind === "lost") return unknown(reply.problem);',
    after: 'if (reply.kind === "lost") return { kind: "rejected", sent: true, reason: reply.problem };',
    seenBy: 'that meet "a reset after" are sent once and unknown',
  },
  {
    id: "Bybit: one page of a list",
    adapter: "bybit",
    file: "pages.ts",
    before: 'if (typeof nextPageCursor !== "string" || nextPageCursor === "" || list.length === 0) {',
    after: 'if (typeof nextPageCursor !== "string" || nextPageCursor !== "nothing") {',
    seenBy: "also where there are more than a page of them",
  },
  {
    id: "Bybit: a list that broke off is whole",
    adapter: "bybit",
    file: "pages.ts",
    before: 'return { items, end: "broken", problem: asked.problem, ...code, timeMs };',
    after: 'return { items, end: "whole", ...code, timeMs };',
    seenBy: "never makes a section complete and wrong",
  },
  {
    id: "Bybit: a short is long",
    adapter: "bybit",
    file: "parse.ts",
    before: 'qty: side === "sell" ? negate(size) : size };',
    after: 'qty: side === "sell" ? size : size };',
    seenBy: "has a position that is short, with its sign",
  },
  {
    id: "Bybit: why it was forced is lost",
    adapter: "bybit",
    file: "parse-execution.ts",
    before: 'const forced = type ?? CREATED[fields.optionalText("createType") ?? ""];',
    after: "const forced = type === null ? undefined : undefined;",
    seenBy: "by liquidation carry their cause",
  },
];
