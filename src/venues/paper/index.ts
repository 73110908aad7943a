// The paper venue, by name.
export { DECLARATION, PAPER_CAPABILITIES } from "./declaration.ts";
export {
  newPaperState,
  PaperAccount,
  type PaperEvent,
  type PaperOptions,
  type PaperOrder,
  type PaperState,
} from "./paper-account.ts";
export { type Misbehaviour, PaperVenue } from "./paper-venue.ts";
