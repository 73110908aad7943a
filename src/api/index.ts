// The API, by name.
export type { AccountHost, KillAnswer } from "./host.ts";
export { type ApiOptions, createApi, GATE_LEASE_MS, INTENT_HEADER } from "./server.ts";
