// The capability matrix as rows of text, made of the declarations alone: for `trueup venues` and for docs/venues.md.
import type { Capabilities, DeadManCapability } from "../core/index.ts";
import type { VenueDeclaration } from "./declaration.ts";

/** A column for each venue behind the first. */
export interface Matrix {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const NOTHING = "–";

/** One fact a row, one venue a column. */
export function matrixOf(declarations: readonly VenueDeclaration[]): Matrix {
  const fact = (name: string, of: (declaration: VenueDeclaration) => string): readonly string[] => [
    name,
    ...declarations.map((one) => of(one) || NOTHING),
  ];
  return {
    columns: ["", ...declarations.map(({ name }) => name)],
    rows: [
      fact("scope", ({ scope }) => scope),
      fact("client", ({ client }) => client ?? ""),
      fact("sections", sectionsOf),
      fact("absence of a row", ({ capabilities: { absentRowMeansFlat } }) => ABSENCE[absentRowMeansFlat]),
      fact("rows of size zero", ({ zeroRows }) => zeroRows),
      fact("witnesses of a flat position", ({ witnesses }) => witnesses.join("; ")),
      fact("fills", ({ capabilities: { fills } }) =>
        [
          fills.retentionMs === undefined ? "as far as the account" : `${lengthOf(fills.retentionMs)} back`,
          `${lengthOf(fills.lateArrivalMs)} late at most`,
          ...(fills.revisable ? ["may be taken back"] : []),
        ].join("; "),
      ),
      fact("position on a fill", ({ capabilities: { positionAnchorOnFill } }) => positionAnchorOnFill),
      fact("a missing order", ({ capabilities: { orderLookup } }) => LOOKUP[orderLookup]),
      fact("stream", ({ stream }) => (stream ? `replay: ${stream.replay.replace("_", " ")}` : "none")),
      fact("prices", ({ prices }) => pricesOf(prices)),
      fact("orders", ({ capabilities: { commands } }) => ordersOf(commands)),
      fact("client order id", ({ ids }) => ids.client),
      fact("decimals", ({ decimals }) => decimals),
      fact("rate", ({ rate }) => `${rate.allowed} ${rate.unit} in ${lengthOf(rate.perMs)}, by ${rate.scope}`),
      fact("repairs copies", ({ capabilities: { heals } }) => (heals ? "yes" : "no, alerts only")),
    ],
  };
}

const ABSENCE: Readonly<Record<Capabilities["absentRowMeansFlat"], string>> = {
  yes: "means flat",
  onlyIfScopeComplete: "means flat in a complete list",
  no: "proves nothing",
  unknown: "proves nothing (not known)",
};

const LOOKUP: Readonly<Record<Capabilities["orderLookup"], string>> = {
  conclusive: "is proven by a look-up",
  inconclusive: "is not proven by a look-up",
  none: "cannot be looked up",
};

function sectionsOf({ sections }: VenueDeclaration): string {
  return Object.entries(sections)
    .flatMap(([name, source]) => (source === null ? [] : [name]))
    .join(", ");
}

function pricesOf(prices: VenueDeclaration["prices"]): string {
  if (!prices) return "none";
  return [...(prices.stream ? ["streamed"] : []), ...(prices.read ? ["asked for"] : [])].join("; ");
}

function ordersOf(commands: Capabilities["commands"]): string {
  if (!commands.submit && !commands.cancel) return "not sent";
  const parts = [
    commands.submit ? commands.types.join(", ") : "cancelled only",
    commands.amend === "none" ? "not amended" : `amended ${commands.amend.replace("_", " ")}`,
  ];
  if (commands.notional) parts.push("by value too");
  return parts.join("; ");
}

/** A length of time in the largest unit that it is a whole number of. */
export function lengthOf(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ];
  const [size, unit] = units.find(([length]) => ms >= length && ms % length === 0) ?? [1, "ms"];
  return `${ms / size} ${unit}`;
}

function isSwitch(value: unknown): value is DeadManCapability {
  return typeof value === "object" && value !== null && "timeoutMs" in value;
}

function rangeText({ min, max }: DeadManCapability["timeoutMs"]): string {
  return min === max ? lengthOf(min) : `${lengthOf(min)} to ${lengthOf(max)}`;
}

/** A capability's value as the tables show it; `name` may be dotted: `fills.lateArrivalMs`. */
export function capabilityText(capabilities: Capabilities, name: string): string {
  const value = name
    .split(".")
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], capabilities);
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return NOTHING;
  if (isSwitch(value)) {
    return `${value.scope}, ${rangeText(value.timeoutMs)}${value.turnsOff ? "" : ", not turned off"}`;
  }
  return Array.isArray(value) ? value.join(", ") : String(value);
}

export function capabilityNames(capabilities: Capabilities): readonly string[] {
  return Object.entries(capabilities).flatMap(([name, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? Object.keys(value as object).map((inner) => `${name}.${inner}`)
      : [name],
  );
}
