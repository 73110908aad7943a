// Every way in which the simulation makes things go wrong, by name: the faults of its plan, and what its venues may be
// like. Which fault of the table each of them stands for, its row says.
import { FAULTS } from "../swarm/faults.ts";

/**
 * Habits are no accidents: a seed draws what its venue is like, declares it, and it stays so. Those that a fault of
 * the table is about, under the names by which a run tells them.
 */
export const HABITS = {
  hedge_mode: "the account holds a long and a short leg of one instrument beside each other",
  fee_in_base: "fees are paid in what was bought",
  fee_rebate: "fees are below zero",
  lag: "a list of positions may be a little behind the fills",
  listsFlat: "closed positions stay in the list with quantity zero",
  basis_unknown: "entry prices are reckoned otherwise than as an average, or nobody says how",
  no_lookup: "a single order cannot be asked for",
  inconclusive_lookup: 'that an order is answered "none" proves nothing',
  forgetsClosedOrders: "orders that have ended are found by no query",
  amend_replaces: "an amended order goes on under another id",
  hostile: "symbols have separators, markup, letters that cannot be seen",
  tiny: "quantities have twelve digits after the point, or come in thousands of millions",
} as const;

export const INJECTORS = { ...FAULTS, ...HABITS } as const;

export type InjectorName = keyof typeof INJECTORS;

export const INJECTOR_NAMES = Object.keys(INJECTORS) as InjectorName[];
