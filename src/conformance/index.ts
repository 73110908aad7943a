// The conformance kit, by name: what the author of an adapter needs to hold it against the contract of a venue.
export type { Bench, BenchParts, Happening, Tolerances } from "./bench.ts";
export { conformance } from "./conformance.ts";
export { AccountModel, type ModelOptions } from "./model/account-model.ts";
export type {
  AccountView,
  InstrumentKind,
  ModelAnswer,
  ModelBalance,
  ModelEntry,
  ModelEvent,
  ModelFill,
  ModelInstrument,
  ModelOrder,
  ModelPosition,
  OrderName,
  Placement,
  Refusal,
} from "./model/facts.ts";
export type { PriceBench, PriceBenchParts, PriceWords, Quote } from "./price-bench.ts";
export { priceConformance } from "./price-claims.ts";
export {
  COMMAND_FAULT_NAMES,
  type CommandFaultName,
  READ_FAULT_NAMES,
  type ReadFaultName,
  type StreamFaults,
} from "./wire/faults.ts";
export {
  json,
  numeric,
  PARTS,
  type PageOf,
  type Part,
  type Route,
  type WireReply,
  type WireRequest,
} from "./wire/route.ts";
export { type WireClient, WireServer } from "./wire/wire-server.ts";
