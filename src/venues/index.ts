// Venues, by name: the contract. Adapters are opened by whoever composes the program.
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
