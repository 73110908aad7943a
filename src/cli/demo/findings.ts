// What passes found, put together for whoever watches: each discrepancy once when it is found and once when it ends,
// those of one kind, place and reason as one. Values in, values and sentences out.
import { type Discrepancy, sidesText } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { witnessWords } from "../witness-words.ts";
import type { Line } from "./line.ts";

/** Discrepancies that are told in one breath. */
export interface Finding {
  readonly state: "found" | "refused" | "ended";
  readonly ones: readonly [Discrepancy, ...Discrepancy[]];
}

/** Names that a list in a sentence has at most; the rest is counted. */
const NAMES_MAX = 12;

export class Findings {
  private readonly latest = new Map<string, Discrepancy>();
  private readonly told = new Set<string>();

  /** What this pass has that no pass before it had. */
  take({ discrepancies }: Pick<PassReport, "discrepancies">): Finding[] {
    const news = discrepancies.flatMap((one) => {
      this.latest.set(one.id, one);
      return statesOf(one).flatMap((state) => (this.isNew(one.id, state) ? [{ state, one }] : []));
    });
    const groups = Map.groupBy(news, ({ state, one }) => groupOf(state, one));
    return [...groups.values()].flatMap(([first, ...others]) =>
      first ? [{ state: first.state, ones: [first.one, ...others.map(({ one }) => one)] }] : [],
    );
  }

  /** Every discrepancy so far, as it was last seen. */
  all(): Discrepancy[] {
    return [...this.latest.values()];
  }

  private isNew(id: string, state: Finding["state"]): boolean {
    const name = `${id} ${state}`;
    if (this.told.has(name)) return false;
    this.told.add(name);
    return true;
  }
}

function statesOf({ stage, closedMs }: Discrepancy): Finding["state"][] {
  if (closedMs !== null) return ["found", "ended"];
  return stage === "refused" ? ["found", "refused"] : ["found"];
}

function groupOf(state: Finding["state"], one: Discrepancy): string {
  const { kind, of, cause, witness, resolution, code } = one;
  // What is first seen is one kind in one place; why, is known at its end.
  return JSON.stringify(
    state === "found" ? [state, kind, of] : [state, kind, of, cause, witness, resolution, code],
  );
}

export function nameOf({ subject }: Discrepancy): string {
  if (subject.type === "balance") return subject.asset;
  if (subject.type !== "order") return subject.instrument;
  return `${subject.instrument} ${subject.clientOrderId ?? subject.venueOrderId ?? ""}`.trim();
}

/** @param place What a copy is called for a person: the file of a mirror. */
export function findingLines(finding: Finding, place: (of: string) => string): Line[] {
  const { state, ones } = finding;
  const [first, ...others] = ones;
  const id = `[${first.id}${others.length > 0 ? ` and ${others.length} more` : ""}]`;
  if (state === "found") return [row("found", foundText(finding, place), "warn")];
  if (state === "refused") {
    return [
      row("refused", `nothing is changed: ${first.detail ?? first.code ?? "not proven"}  ${id}`, "bad"),
    ];
  }
  if (first.resolution === "vanished") {
    return [row("settled", `${listOf(ones)}: both sides agree again, nothing was changed  ${id}`, "good")];
  }
  return [explainedRow(finding), row("repaired", `${place(first.of)}: ${doneText(first)}  ${id}`, "good")];
}

function row(label: string, text: string, tone: NonNullable<Line["tone"]>): Line {
  return { text: `   ${label.padEnd(9)} ${text}`, tone };
}

function foundText({ ones }: Finding, place: (of: string) => string): string {
  const [first, ...others] = ones;
  const where = `in ${place(first.of)}`;
  if (others.length === 0)
    return `${first.kind} ${nameOf(first)} ${where}: ${sidesText(first)}${fieldsText(first)}`;
  return `${ones.length} x ${first.kind} ${where}: ${listOf(ones)}`;
}

function fieldsText({ fields }: Discrepancy): string {
  const texts = Object.entries(fields).map(
    ([name, { local, venue }]) => `, ${name} local ${local ?? "none"}, venue ${venue ?? "none"}`,
  );
  return texts.join("");
}

function listOf(ones: readonly Discrepancy[]): string {
  // Two fills of one instrument are of one name.
  const names = [...new Set(ones.map(nameOf))];
  const shown = names.slice(0, NAMES_MAX).join(", ");
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}

function explainedRow({ ones }: Finding): Line {
  const [first, ...others] = ones;
  const { witness, explanation, subject, cause } = first;
  const keys = explanation?.parts.flatMap(({ evidence }) => evidence) ?? [];
  const known = [...keys, ...(subject.type === "fill" ? [subject.fillKey] : [])];
  const by = known.length === 0 ? [] : [`by ${known.join(", ")}${others.length > 0 ? " …" : ""}`];
  const proof = witness === null ? [] : [`flat by ${witnessWords(witness)}`];
  const ofOrder = OF_ORDERS[first.kind];
  if (ofOrder !== undefined) return row("explained", ofOrder, "good");
  // Where nothing tells why, that is said, and only the proof is left (R1).
  if (cause === null || cause === "unexplained") {
    const label = proof.length > 0 ? "proven" : "estimated";
    return row(
      label,
      [...proof, "cause unexplained: the account's history has nothing about it"].join("; "),
      "good",
    );
  }
  return row("explained", [[`cause ${cause}`, ...by].join(", "), ...proof].join("; "), "good");
}

/** Orders have no cause of their own: what the venue says of them is all there is to know. */
const OF_ORDERS: Readonly<Partial<Record<Discrepancy["kind"], string>>> = {
  missing_local_order: "the venue lists it as open",
  stale_local_order: "look-ups by its id answered none, twice, and no fill is in the history",
  order_mismatch: "the venue's own row of the order",
};

function doneText({ resolution, kind }: Discrepancy): string {
  if (kind === "missing_fill") return "the missing fill is booked";
  if (resolution === "explained") return "what explains it is booked";
  return "brought in line";
}
