// What a full run does not show. It goes into docs/reliability.json, and from there into docs/RELIABILITY.md.

export const LIMITS: readonly string[] = [
  "The simulated venue is ours. A real venue lies in ways of which nobody has thought; its adapter is not in the simulation, but tested against a local server that speaks its protocol. Alpaca's has not been run against the live service.",
  "The simulation, its referee and its invariants were written by the authors of the engine. What both misunderstand alike, nobody sees; planted bugs measure that only for bugs of the kinds that were planted.",
  "A few seeds in a thousand still break an invariant that asks for more than safety: most are a trade that the venue took back while nobody listened, a settlement within seconds of first contact, or an order that ended while the history was out of reach. Quantities are the venue's in the end; an estimate, an order's state or an alert is not as it should be. CI bounds how many (`test/sim/full/ci.ts`).",
  "Estimates beside a split, a settlement, a clock that jumped or a person's plan are held to the quantity alone, not to what they stand for.",
  "Seeds are drawn from chances that we chose. A bound says how often such runs fail, not how often a day of trading does.",
  "The swarm runs on a journal in memory that is slow, fails and dies. The SQLite journal is under the suites about crashes, in smaller numbers.",
  "Errors of `fsync` are made by a seam in the journal's backend, not by the disk: what a disk really keeps after a failed sync is not shown. A disk that says it has synced and has not is not shown either.",
  "A power cut is what was not synced, lost, torn or reordered in sectors of 512 bytes; a disk that damages sectors beside them is not in it.",
  "One account in a run. Several accounts that share a process, a limit of requests or a disk are not in it; two processes on one account are.",
  "The HTTP API, the command line, the library, the log and the alert channels are outside the simulation; they have tests of their own.",
  "One thread under virtual time: a blocked event loop, a garbage collector's pause, a lack of memory or of file handles are not made.",
  "Faults that [faults.md](faults.md) marks as waiting are not shown by anything, and what trueup does not have yet (stops at the venue, PostgreSQL) cannot be.",
];
