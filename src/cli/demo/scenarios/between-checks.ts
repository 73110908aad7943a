// Incident: two option trades open at 09:06:39 and close at 09:10:59 by their brackets, between two looks of a position
// manager that looks every five minutes. Nobody ever saw them.
import { decimal } from "../../../core/index.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const FILE = "active_positions.json";
const BMY = "BMY260220C00055000";
const WMT = "WMT260220C00130000";
const ONE = decimal("1");

export const betweenChecks: Scenario = {
  name: "between-checks",
  isIncident: true,
  title: "options open at 09:06:39 and close at 09:10:59, between two checks, the stream down",
  about: [
    "A dispatcher buys options with brackets at the broker; a position manager looks every five minutes. Two trades lived from 09:06:39 to 09:11:00, and were in no table.",
    `Here ${FILE} stands for the manager's table, the four minutes pass in a moment, and an option is one share: the paper venue knows no multiplier.`,
  ],
  mode: "beside",
  currency: "USD",
  cash: "10000",
  fee: "0",
  prices: { [BMY]: "1.20", [WMT]: "2.10" },
  parties: [{ name: "dispatcher", strategy: "dispatcher", prefix: "dispatch-" }],
  copies: [
    {
      name: "manager",
      file: FILE,
      start: {},
      strategy: null,
      toml: 'add = true\n[accounts.paper.mirrors.fields]\nquantity = "qty"\nentry_price = "entry_price"',
    },
  ],
  async play(stage) {
    await unseen(stage);
    await seen(stage);
  },
};

async function unseen(stage: Stage): Promise<void> {
  stage.act("Nobody looked", "the stream is down, and between two looks two positions open and close");
  await stage.during({ isStreamSilent: true }, () => {
    stage.say(`09:06:39  bought ${BMY} at 1.20, with a stop at the broker`);
    const bmy = stage.order({ side: "buy", instrument: BMY, qty: ONE, clientOrderId: "dispatch-1" });
    stage.say(`09:06:40  bought ${WMT} at 2.10, with a target at the broker`);
    const wmt = stage.order({ side: "buy", instrument: WMT, qty: ONE, clientOrderId: "dispatch-2" });
    const target = { type: "limit", price: decimal("2.35"), parentVenueOrderId: wmt } as const;
    stage.order({ side: "sell", instrument: WMT, qty: ONE, ...target });
    stage.market.set(BMY, "1.05");
    stage.say("09:10:59  the stop sells the first at 1.05");
    stage.order({ side: "sell", instrument: BMY, qty: ONE, parentVenueOrderId: bmy });
    stage.say("09:11:00  the target sells the second at 2.35; the manager looks, and sees nothing");
    stage.market.set(WMT, "2.35");
  });
  await stage.settle(
    ...[BMY, WMT].flatMap((name) => [
      { kind: "missing_fill", of: "book", names: [name], cause: "missed_fill" } as const,
      { kind: "missing_fill", of: "book", names: [name], cause: "bracket_exit" } as const,
    ]),
  );
  for (const name of [BMY, WMT]) stage.tellHistory(name);
  stage.say(`both lives are in trueup's history, entry, exit and who closed them; ${FILE} is rightly empty`);
  await stage.standing();
}

async function seen(stage: Stage): Promise<void> {
  stage.act(
    "The same with the stream up",
    `${BMY} is bought again; the dispatcher does not write it into ${FILE}`,
  );
  const parent = stage.order({ side: "buy", instrument: BMY, qty: ONE, clientOrderId: "dispatch-3" });
  const target = { type: "limit", price: decimal("1.40"), parentVenueOrderId: parent } as const;
  stage.order({ side: "sell", instrument: BMY, qty: ONE, ...target });
  await stage.settle({ kind: "missing_position", of: "manager", names: [BMY] });
  await stage.standing();
  stage.say("the target at the broker is reached");
  stage.market.set(BMY, "1.40");
  await stage.settle({ kind: "phantom_position", of: "manager", names: [BMY], cause: "bracket_exit" });
  stage.tellHistory(BMY);
  await stage.standing();
}
