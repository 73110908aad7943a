// The default story: an ordinary day of two strategies and a human on one account, and everything that can go wrong in
// it. Which bot, which instrument, how much, in which order: the seed says.
import { Cast, DIP, MOMO, OWNER } from "../cast.ts";
import { stop, targetInParts, timeStop } from "../exits.ts";
import {
  betweenChecks,
  emptyRead,
  type Fault,
  lostFill,
  manualClose,
  outage,
  phantom,
  sharedClose,
  silentStream,
  unnoted,
  withdrawal,
} from "../faults.ts";
import type { Scenario } from "../scenario.ts";

const FAULTS: readonly Fault[] = [
  lostFill,
  manualClose,
  phantom,
  betweenChecks,
  silentStream,
  emptyRead,
  outage,
  unnoted,
];

const FIELDS = `add = true
[accounts.paper.mirrors.fields]
quantity = "qty"
entry_price = "entry_price"`;

export const story: Scenario = {
  name: "story",
  isIncident: false,
  title: "two strategies and a human on one account, and everything that goes wrong in a day",
  about: [
    "momo buys what rises, dip buys what falls, both through trueup; the owner trades by hand: three on one paper account, each with a file of its own.",
    "Exits fire, and then things go wrong. trueup is told nothing of that: it sees the account, the stream and the three files.",
  ],
  mode: "executor",
  exits: `default = { stop = "0.5" }
strategies = { momo = { stop = "0.25" }, dip = { stop = "0.25" } }`,
  currency: "USD",
  cash: "100000",
  fee: "0.0002",
  prices: {
    AAPL: "189.20",
    ADBE: "505.00",
    AMD: "158.60",
    AMZN: "201.35",
    CRM: "260.00",
    GOOG: "172.80",
    INTC: "31.40",
    META: "502.10",
    MSFT: "411.10",
    NFLX: "630.40",
    NVDA: "131.40",
    ORCL: "143.75",
    TSLA: "242.00",
  },
  parties: [MOMO, DIP, OWNER],
  copies: [MOMO, DIP, OWNER].map(({ name, strategy }) => ({
    name,
    file: `${name}.json`,
    start: { _comment: `${name}'s own file; keys with _ are not positions` },
    strategy,
    toml: FIELDS,
  })),
  async play(stage) {
    const cast = new Cast(stage);
    await cast.open();
    await stage.settle();
    await stage.standing();
    for (const exit of [stop, targetInParts, timeStop]) {
      await exit(cast);
      await stage.standing();
    }
    const [first, ...others] = stage.random.shuffled(FAULTS);
    // The money moves somewhere in the day, and the shared position comes last: what it leaves is in the summary.
    for (const fault of [first ?? lostFill, ...others, sharedClose]) {
      await cast.tick();
      if (fault === others[0]) await withdrawal(cast);
      await fault(cast);
      await stage.standing();
    }
  },
};
