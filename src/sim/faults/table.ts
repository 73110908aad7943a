// The fault table: what breaks trading state, what trueup does about it, and how that is shown. Families in their
// order; docs/faults.md is made from it.
import { ACCOUNT_FAULTS } from "./account.ts";
import type { AnswerName } from "./answers.ts";
import { INJECTOR_NAMES } from "./injectors.ts";
import { INTERFACE_FAULTS } from "./interface.ts";
import { NUMBER_FAULTS } from "./numbers.ts";
import { ORDER_FAULTS } from "./orders.ts";
import { PEOPLE_FAULTS } from "./people.ts";
import { PROCESS_FAULTS } from "./process.ts";
import { READ_FAULTS } from "./reads.ts";
import { RECONCILER_FAULTS } from "./reconciler.ts";
import { type FaultRow, injectorsOf } from "./row.ts";
import { STREAM_FAULTS } from "./streams.ts";
import { VENUE_FAULTS } from "./venue.ts";

export interface FaultFamily {
  readonly letter: string;
  readonly title: string;
  readonly rows: readonly FaultRow[];
}

export const FAULT_FAMILIES: readonly FaultFamily[] = [
  { letter: "A", title: "Orders", rows: ORDER_FAULTS },
  { letter: "B", title: "Streams", rows: STREAM_FAULTS },
  { letter: "C", title: "Reads", rows: READ_FAULTS },
  { letter: "D", title: "Venue, network, time", rows: VENUE_FAULTS },
  { letter: "E", title: "Instruments, units, numbers", rows: NUMBER_FAULTS },
  { letter: "F", title: "What others do on the account", rows: ACCOUNT_FAULTS },
  { letter: "G", title: "Process, storage, machine", rows: PROCESS_FAULTS },
  { letter: "H", title: "Configuration, credentials, people", rows: PEOPLE_FAULTS },
  { letter: "X", title: "API, alerts, what people see", rows: INTERFACE_FAULTS },
  { letter: "R", title: "trueup itself", rows: RECONCILER_FAULTS },
];

export const FAULT_TABLE: readonly FaultRow[] = FAULT_FAMILIES.flatMap(({ rows }) => rows);

const ANSWERS_BY_INJECTOR: ReadonlyMap<string, readonly AnswerName[]> = new Map(
  INJECTOR_NAMES.map((name) => [
    name,
    FAULT_TABLE.flatMap((row) =>
      row.status === "simulated" && injectorsOf(row).includes(name) ? [row.answer] : [],
    ),
  ]),
);

/** Every answer that a row asks for of this injector; one of them must be seen. */
export function answersOf(injector: string): readonly AnswerName[] {
  return ANSWERS_BY_INJECTOR.get(injector) ?? [];
}
