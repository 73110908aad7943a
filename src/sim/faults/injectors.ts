// Every way in which the simulation can make things go wrong, by name: what the simulated venue, network, host or bot
// does. Which fault of the table each of them stands for, its row says. Habits are no accidents: a seed draws how
// its venue always is.

/** Commands, and what becomes of orders. */
export const ORDER_INJECTORS = {
  answer_lost: "a command is carried out, and its answer is lost",
  request_lost: "a command never reaches the venue, and nobody says so",
  request_late: "a command reaches the venue late, within its settle time, and its answer is lost",
  answer_late: "a command is carried out, and its answer comes around the time-out",
  request_doubled:
    "a command arrives twice; the second is refused as a duplicate, and that answer comes back",
  cancel_lost: "a cancel is carried out, or not, and its answer is lost",
  amend_lost: "an amendment is carried out, or not, and its answer is lost",
  amend_half: "a replacement cancels the old order, and the new one is refused",
  overfill: "an order fills more than was ordered",
  order_backwards: "the list of orders has an older row of an order",
  venue_cancels:
    "the venue cancels an order by itself: it expired, or would have traded with the account's own",
  mass_cancel: "the venue cancels every open order at once",
  partial_then_cancel: "an order fills in part and is cancelled then",
} as const;

/** What the stream tells, and what it does not. */
export const STREAM_INJECTORS = {
  stream_lost: "a message of the stream is lost without a gap being told",
  stream_doubled: "a message of the stream comes twice",
  stream_doubled_late: "a message of the stream comes again, 40 min later",
  stream_late: "a message of the stream comes late, behind later ones",
  stream_cut: "the stream breaks; what happens until it stands again is not told",
  stream_zombie: "the stream stands and tells nothing, and no gap either",
  stream_storm: "the stream is cut again and again",
  fill_before_order: "a fill is told before anything of its order is",
  same_ms_fills: "several fills have the same millisecond",
  fill_reversed: "the venue takes a fill back after the fact",
  fill_changed: "a fill is told again under its id, with other content",
  no_trade_id: "fills are told without any id",
} as const;

/** What reads answer. */
export const READ_INJECTORS = {
  read_down: "a read is not answered",
  read_slow: "a read takes seconds, while the account goes on moving",
  positions_empty: "the list of positions is empty, with a straight face",
  positions_partial: "the list of positions lacks rows, and says that it is partial",
  positions_lag: "the list of positions lacks the latest fills, within the declared lag",
  positions_stale: "the list of positions is of an earlier moment, and says that it is stale",
  orders_missing: "the list of orders lacks a row",
  orders_partial: "the list of orders lacks rows, and says that it is partial",
  fills_late: "the history lacks the latest fills, within the declared delay",
  fills_down: "the history is not answered",
  fills_window: "the history reaches back less far than the outage lasted",
  other_account: "another account answers",
  lookup_wrong_row: "a single look-up answers with a row of another instrument",
  lookup_none_early: 'an order that exists is answered "none" within the settle time',
  rows_doubled: "a list has the same row twice",
  timestamps_wild: "times come in microseconds, told as milliseconds",
  reads_ok_writes_fail: "reads are answered, and no command is",
  writes_ok_reads_fail: "commands are answered, and no read is",
  fill_qty_zero: "a fill has quantity zero",
} as const;

/** What happens in the account without trueup. */
export const ACCOUNT_INJECTORS = {
  manual_trade: "the owner trades by hand",
  other_strategy: "another strategy trades the same instrument on the same account",
  liquidation: "the venue liquidates a position",
  adl: "the venue reduces a winning position to make up for somebody else's loss",
  funding: "the venue books funding, interest or a fee",
  transfer: "money comes in or goes out",
  split: "shares are split, or merged into fewer",
  settlement: "an instrument expires, and its position is closed by force",
  drift: "money moves, and no entry of the history says why",
  dust: "less than the smallest quantity is left over",
  balance_locked: "money is locked in orders or not settled yet, while the total stays",
} as const;

/** What happens to the process, its machine, its journal and the bot's store. */
export const PROCESS_INJECTORS = {
  crash: "the process dies, and starts again",
  crash_unsynced: "the process dies, and what was not durable yet is lost",
  journal_down: "the journal takes no record",
  second_writer: "somebody else writes to the account's journal",
  clock_jump: "the machine's clock jumps",
  alert_channel_down: "the channel that tells people takes no alert",
  mirror_overwritten: "the bot writes its old rows back over a repair",
  mirror_unreadable: "the bot's store cannot be understood",
  mirror_down: "the bot's store can be neither read nor written",
  kill_during_outage: "a person kills the account while the venue does not answer",
  kill_while_down: "a person kills the account while no process runs",
} as const;

/** How a venue always is, drawn once for a seed. */
export const HABITS = {
  hedge_mode: "the account holds a long and a short leg of one instrument beside each other",
  fee_in_base: "fees are paid in what was bought",
  fee_rebate: "fees may be negative",
  lag: "lists of positions are always a little behind the fills",
  paging: "lists come in pages, and the account moves between them",
  zero_rows: "closed positions stay in the list with quantity zero",
  basis_unknown: "entry prices are reckoned in a way that the venue does not state",
  no_lookup: "a single order cannot be asked for",
  inconclusive_lookup: 'that an order is answered "none" proves nothing',
  forgets_closed: "orders that have ended are found by no query",
  amend_replaces: "an amended order goes on under another id",
  hostile_symbols: "symbols have quotes, control characters, or names of JavaScript's own",
  huge_values: "quantities and prices are larger than a double can hold",
  tiny_steps: "quantities have 18 digits after the point",
} as const;

export const INJECTORS = {
  ...ORDER_INJECTORS,
  ...STREAM_INJECTORS,
  ...READ_INJECTORS,
  ...ACCOUNT_INJECTORS,
  ...PROCESS_INJECTORS,
  ...HABITS,
} as const;

export type InjectorName = keyof typeof INJECTORS;

export const INJECTOR_NAMES = Object.keys(INJECTORS) as InjectorName[];
