export { DECLARATION, POLYMARKET_CAPABILITIES } from "./declaration.ts";
export { readPayload } from "./payload.ts";
