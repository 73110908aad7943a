// Binance, by name.
export { readPayload } from "./payload.ts";
