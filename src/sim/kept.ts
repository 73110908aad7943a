// What the simulation works out again after every event, kept: the answers to the same few questions. Not for anything whose
// answer could change.

/** So many answers are kept, and then forgotten all at once. */
const KEPT_MAX = 10_000;

/** The same function, which remembers what it answered. What it throws is not kept. */
export function kept<Question, Answer>(work: (asked: Question) => Answer): (asked: Question) => Answer {
  const answers = new Map<Question, Answer>();
  return (asked) => {
    const known = answers.get(asked);
    if (known !== undefined) return known;
    if (answers.size >= KEPT_MAX) answers.clear();
    const answer = work(asked);
    answers.set(asked, answer);
    return answer;
  };
}
