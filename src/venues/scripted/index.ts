// The scripted venue, by name.
export { type Script, ScriptedVenue } from "./scripted-venue.ts";
