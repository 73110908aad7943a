// Structured logs: every line is an event with a stable name and fields. The names are the contract; the sentence
// beside them is for people. Where lines go is decided by whoever starts the program.

/** Every event that is ever logged, with what it means. docs/events.md is made from this. */
export const EVENTS = {
  "daemon.started": "The daemon is up: version, accounts, where it listens.",
  "daemon.stopping": "The daemon was asked to end and finishes what is in flight.",
  "daemon.stopped": "The daemon has ended cleanly.",
  "state.readable": "Others than this user may look into the state folder.",
  "account.started": "One account's session is up, its book restored from the journal.",
  "account.failed": "One account cannot be opened, or ended by an error of our own; other accounts go on.",
  "clock.jumped":
    "Our clock was set, or the machine slept: no duration counts across it, and a pass follows.",
  "pass.finished": "A pass ended: what was read, found and repaired, with counts that add up.",
  "pass.failed": "A pass ended by an error of our own; nothing was repaired on it.",
  "read.incomplete": "A section of the account could not be read completely.",
  "read.suspect": "Positions are missing in a read and nothing proves that they are flat.",
  "discrepancy.opened": "A copy and the venue differ; not settled yet.",
  "discrepancy.confirmed": "A difference outlasted what is in flight: it counts now.",
  "discrepancy.closed": "A difference is gone: repaired, explained or vanished.",
  "order.intended": "A command was decided and is durable; it has not left yet.",
  "order.sent": "A command leaves for the venue.",
  "order.answered":
    "What the venue answered to a command, or that it did not: accepted, rejected or unknown.",
  "order.refused": "A command was not sent: the gate, a limit or the order itself does not allow it.",
  "exit.armed": "A position's exit watches this quantity at these levels, or has changed.",
  "exit.disarmed":
    "An exit is no longer armed: its position is closed, its plan is another, or it is not possible.",
  "exit.triggered": "An exit has come to pass; its order follows.",
  "exit.plan": "A person said when a position is to be closed.",
  "fill.recorded": "A fill is durable in the journal.",
  "fill.refused": "A fill's row cannot be believed; it is not booked.",
  "repair.applied": "A copy was brought in line with the venue.",
  "repair.undone": "A person took a repair back; its row is left alone from then on.",
  "watch.ended": "A row whose repair was undone is compared and repaired again.",
  "flatten.started": "A person closes positions by a plan.",
  "flatten.finished": "A plan to close positions has ended; what is still held is named.",
  "lot.moved": "A person said whose a part of a position is: it is in another strategy's lot from then on.",
  "note.set": "A person noted something on a position.",
  "plan.applied": "A person's plan is carried out; its repairs follow.",
  "mirror.problem": "A mirror cannot be read or written, or does not show what was written into it.",
  "mirror.written": "A mirror's rows were changed; the file as it was is kept beside it.",
  "mirror.conflict":
    "A mirror changed while it was being repaired; nothing was written, the next pass tries again.",
  "gate.changed": "What a bot may do changed, with the reasons.",
  "kill.engaged": "The kill switch is on.",
  "kill.released": "A person released the kill switch.",
  "deadman.set": "The venue's dead-man switch is set, for the first time or again after a failure.",
  "deadman.failed":
    "The venue's dead-man switch could not be set; it is tried again within a ninth of its time, once a minute when that is over.",
  "deadman.left":
    "An orderly stop leaves the switch of a venue that has no way to turn it off: it fires by itself.",
  "key.trading": "Whether the venue's key may trade has changed: without that a kill can cancel nothing.",
  "alert.raised": "Something that a person should know.",
  "stream.live": "The venue's stream delivers.",
  "stream.gap": "The venue's stream lost messages or may have; a pass follows.",
  "stream.missed": "The positions that the stream's fills state show that one was left out; a pass follows.",
  "feed.followed": "What the price feed follows changed with what is held.",
  "feed.live": "The price feed delivers.",
  "feed.gap":
    "The price feed lost prices or may have; they are asked for singly where the venue can be asked.",
  "feed.corrected": "The venue follows other instruments than it was told to; it is told again.",
  "feed.refused": "The venue does not tell the prices of an instrument.",
  "price.old": "The price of something held is too old to be acted on, or was never told.",
  "checkpoint.skipped":
    "The book has become too large for a checkpoint; nothing is lost, the next start takes longer.",
  "journal.failed": "The journal did not take a record; the account stops.",
  "api.denied": "A request to the API was refused.",
  "api.failed": "A request to the API ended by an error of our own.",
} as const;

export type EventName = keyof typeof EVENTS;
export type Level = "debug" | "info" | "warn" | "error";

export interface Log {
  event(level: Level, name: EventName, fields: Readonly<Record<string, unknown>>, text: string): void;
}

export const SILENT: Log = {
  event() {
    // Nobody listens.
  },
};
