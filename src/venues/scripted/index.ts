// The scripted venue, by name.
export { ScriptedFeed } from "./scripted-feed.ts";
export { type Script, ScriptedVenue } from "./scripted-venue.ts";
