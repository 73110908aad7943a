// The scripted venue, by name.
export { ScriptedFeed } from "./scripted-feed.ts";
export { type Script, type ScriptedOutcome, ScriptedVenue } from "./scripted-venue.ts";
