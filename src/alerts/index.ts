// Alerts, by name: the contract.
export type { Alert, AlertChannel } from "./alert.ts";
