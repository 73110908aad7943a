// The API, by name.
export type { EventSource } from "./events.ts";
export { type AccountHost, type DrillReport, GATE_LEASE_MS, type KillAnswer } from "./host.ts";
export { type ApiOptions, createApi, INTENT_HEADER } from "./server.ts";
