// Reading what people configure, by name.
export { decimalText, type PolicyText, policyFields, policyFrom, policySchema } from "./policy-schema.ts";
