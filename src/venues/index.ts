// Venues, by name: the contract. Adapters are opened by whoever composes the program.
export type {
  ErrorRule,
  PagingFact,
  PriceFacts,
  RateFacts,
  StreamFacts,
  VenueDeclaration,
  Verification,
} from "./declaration.ts";
export type { Check, Finding } from "./finding.ts";
export type { PayloadItem, PayloadReading, ReadPayload } from "./payload.ts";
export type {
  AmendCommand,
  CancelAllCommand,
  CancelCommand,
  CommandOutcome,
  DeadManCommand,
  History,
  OrderQuery,
  PriceEvent,
  PriceFeed,
  PriceTick,
  RawAnswer,
  Snapshot,
  StreamEvent,
  StreamHandle,
  SubmitCommand,
  Venue,
} from "./venue.ts";
export { unavailable, VenueError } from "./venue.ts";
