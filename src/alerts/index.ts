// Alerts, by name: the contract, and the channel that is always there.
export type { Alert, AlertChannel } from "./alert.ts";
export { logChannel } from "./log-channel.ts";
