// Venues, by name: the contract. Adapters are opened by whoever composes the program.
export type {
  ErrorRule,
  PagingFact,
  RateFacts,
  StreamFacts,
  VenueDeclaration,
  Verification,
} from "./declaration.ts";
export { CHECKS, type Check, type Finding } from "./finding.ts";
export { capabilityNames, capabilityText, lengthOf, type Matrix, matrixOf, NOTHING } from "./matrix.ts";
export type { PayloadItem, PayloadReading, ReadPayload } from "./payload.ts";
export type {
  AmendCommand,
  CancelCommand,
  CommandOutcome,
  History,
  OrderQuery,
  RawAnswer,
  Snapshot,
  StreamEvent,
  StreamHandle,
  SubmitCommand,
  Venue,
} from "./venue.ts";
export { unavailable, VenueError } from "./venue.ts";
export { isObject } from "./wire/fields.ts";
export { parseExact } from "./wire/json.ts";
