// What must be seen after a fault struck: each name is one check of the simulation, over the strike, the records
// since, and how the run ends. This file says in words what each demands; a row of the table names the one it must get.

export const ANSWERS = {
  order_found_out:
    "the order goes unknown, is looked up, and ends as its row, its fills or two conclusive look-ups say; where nothing can prove it, it stays unknown and is brought to a person after 30 s; it is never sent twice",
  order_followed:
    "the order is what the venue's row says, with the fills that it has; nothing is sent for it, and it does not stay open",
  older_row_ignored: "a row from an earlier moment changes nothing of the order",
  replacement_followed:
    "the order stays one order under all ids that it had, and what it filled under each of them counts once",
  absence_ends_nothing:
    "an order that a list leaves out, or that an early look-up denies, stays what it was until its row is seen",
  overfill_booked:
    "every fill is booked, the position is the venue's, the order's row is refused as contradictory and its instrument held",
  orphan_adopted: "the fill is booked once before its order is known, and counts on the order when that is",
  duplicate_ignored: "the second telling changes neither position nor order nor money",
  venue_order_kept:
    "every fill is booked once, and position and result are as if all had been told in the venue's order",
  backfilled: "the next pass that reads the history completely books what was not told, with its cause",
  stream_rejoined:
    "the gap is noted, the stream claims to cover nothing before it stands again, and a pass follows",
  fill_taken_back:
    "the fill leaves position, order and money, and a history that still lists it does not bring it back",
  conflict_escalated:
    "the first content stays booked, a fill_conflict is open and told once it counts, and the instrument is held",
  row_refused:
    "the row is not booked, is told with its reason, and holds its instrument until it is set right",
  read_doubted:
    "nothing is closed by the read, the gate is reduce_only, and one suspect_read tells it until a read has a proof",
  section_incomplete:
    "the gate is reduce_only for as long as the section is not complete, and nothing is inferred from what it lacks",
  lookup_doubted: "the answer closes nothing of what was asked for",
  waited_out:
    "while it moves nothing is inferred: what differs is in flight or within its grace, and is gone then",
  halves_apart:
    "commands without an answer are unknown while reads go on; reads without an answer hold the gate while orders go on",
  other_account_halts: "nothing of the answer is believed, and the account is halted until a person looks",
  halted_by_force:
    "the trade is booked with its cause, and the account is halted in the same write until a person releases it",
  explained: "the venue's entry is booked, the difference is explained by it, and no estimate is left",
  estimated_then_settled:
    "what outlasts its grace becomes an estimate, and the late fill takes its place without changing the quantity again",
  difference_adopted:
    "what nothing explains is taken over from the venue once it has settled, marked as unexplained, and told",
  exact_under_habit:
    "under this habit of the venue book, money and mirror are the venue's to the last digit, and nothing is open",
  account_reopened:
    "the account is opened again from what is durable: the same book, nothing lost or booked twice",
  held_back:
    "nothing leaves before its intent is durable, nor after its deadline; what was told as accepted is in the journal",
  writer_fenced:
    "the second writer's append is refused, the account stops, and is opened again from the journal",
  clock_resynced:
    "a pass follows the jump, no wait is longer or shorter for it, and no estimate is made of it",
  mirror_watched: "after three repairs the row is only watched, and mirror_overwritten tells it once",
  mirror_refused:
    "the store is left as it is, the problem is told, and it is brought in line once it can be read",
  killed_and_cancelled:
    "the kill is latched at once, orders that add risk are cancelled as soon as the venue answers, and it outlives a restart",
  alert_kept:
    "the alert is a record of the journal, the failure of the channel is logged, and the account goes on",
  feed_derived_again:
    "what is tracked is what is held again, and no price that the market had not lately has counted as fresh",
  foreign_exit_told:
    "an order of somebody else that would close a position is open as a foreign_exit_order, or has ended before it could be",
  position_as_it_became:
    "the position is what the venue has, also where the order turned it, and what it became is armed or told as unprotected",
} as const;

export type AnswerName = keyof typeof ANSWERS;

export const ANSWER_NAMES = Object.keys(ANSWERS) as AnswerName[];
