// The referee, by name.
export type { Referee, RefereeEvent } from "./referee.ts";
export { SimReferee } from "./sim-referee.ts";
