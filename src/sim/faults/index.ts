// The fault table, by name.
export { ANSWER_NAMES, ANSWERS, type AnswerName } from "./answers.ts";
export { HABITS, INJECTOR_NAMES, INJECTORS, type InjectorName } from "./injectors.ts";
export { type Fired, type FiredFaults, faultPage, firedOf } from "./page.ts";
export { type FaultRow, injectorsOf, type Simulated, type Tested, type Waiting } from "./row.ts";
export { answersOf, FAULT_FAMILIES, FAULT_TABLE, type FaultFamily } from "./table.ts";
