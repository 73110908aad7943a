// Reading what people configure, by name.
export type { AccountAt, AccountConfig, Config, MirrorConfig } from "./config-schema.ts";
export { deadManFrom, deadManRefusal } from "./dead-man.ts";
export { exitsFrom, exitsSchema } from "./exits.ts";
export { limitsFrom } from "./limits.ts";
export { type ConfigProblem, type ParsedConfig, parseConfig, parseGiven } from "./parse.ts";
export { decimalText, type PolicyText, policyFields, policyFrom, policySchema } from "./policy-schema.ts";
export { suggest } from "./suggest.ts";
export { CONFIG_LIVE, CONFIG_PAPER } from "./templates.ts";
