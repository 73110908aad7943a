// Times as Alpaca writes them. Sources: data/webapi/entities of github.com/alpacahq/alpaca-docs (read 2026-11).
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExact } from "../wire/json.ts";
import { datesBetween, newYorkDayEnd, newYorkDayStart, parseInstant } from "./time.ts";

test("a timestamp keeps its ns beside the ms, with any zone and any number of digits", () => {
  const ms = Date.UTC(2026, 3, 23, 17, 30, 23);
  const cases: [string, number, number][] = [
    ["2026-04-23T17:30:23Z", ms, 0],
    ["2026-04-23T17:30:23.2Z", ms + 200, 0],
    ["2026-04-23T17:30:23.252125Z", ms + 252, 125_000],
    ["2026-04-23T17:30:23.252125999Z", ms + 252, 125_999],
    ["2026-04-23T13:30:23.000000001-04:00", ms, 1],
  ];
  for (const [text, expected, nanosBeyond] of cases) {
    assert.deepEqual(parseInstant(text), { ms: expected, nanosBeyond }, text);
  }
});

test("what is no timestamp with a zone is none", () => {
  for (const text of ["", "2026-04-23", "2026-04-23T17:30:23", "2026-13-45T00:00:00Z", "yesterday"]) {
    assert.equal(parseInstant(text), undefined, text);
  }
});

test("[D08] a business date begins and ends at New York's midnight, in summer, winter and on the days between", () => {
  const cases: [string, string, string][] = [
    ["2026-01-15", "2026-01-15T05:00:00.000Z", "2026-01-16T04:59:59.999Z"],
    ["2026-07-15", "2026-07-15T04:00:00.000Z", "2026-07-16T03:59:59.999Z"],
    // The clocks change at two in the morning of these days: 23 and 25 hours.
    ["2026-03-08", "2026-03-08T05:00:00.000Z", "2026-03-09T03:59:59.999Z"],
    ["2026-11-01", "2026-11-01T04:00:00.000Z", "2026-11-02T04:59:59.999Z"],
  ];
  for (const [date, start, end] of cases) {
    assert.equal(newYorkDayStart(date), Date.parse(start), date);
    assert.equal(newYorkDayEnd(date), Date.parse(end), date);
  }
  assert.equal(newYorkDayStart("soon"), undefined);
  assert.equal(newYorkDayEnd("soon"), undefined);
});

test("days between two dates are all of them, over the end of a month", () => {
  assert.deepEqual(datesBetween("2026-02-27", "2026-03-01"), ["2026-02-27", "2026-02-28", "2026-03-01"]);
  assert.deepEqual(datesBetween("2026-03-02", "2026-03-01"), []);
});

test("JSON numbers keep the text that they were written with", () => {
  const value = parseExact(
    '{"qty": 1.250, "big": 12345678901234567.123456789, "list": [300], "text": "1", "no": null}',
  );
  assert.deepEqual(value, {
    qty: "1.250",
    big: "12345678901234567.123456789",
    list: ["300"],
    text: "1",
    no: null,
  });
  assert.throws(() => parseExact('[{"symbol": "AA'), SyntaxError);
});
