// Bybit, by name, and the way to open it.
export { BYBIT_CAPABILITIES, DECLARATION } from "./declaration.ts";
export { readPayload } from "./payload.ts";
