// Every seed that once ended badly, with what was wrong then; `npm run sim:corpus` runs them all again. The simulation draws
// otherwise whenever it learns something new, so that a seed is no longer the same story; each is one that found something.
//   --json: {"suite":"corpus","n":…,"failures":…,"detail":{…}}
import { setImmediate as turn } from "node:timers/promises";
import { type Profile, runSeed } from "../../src/sim/index.ts";

interface Found {
  readonly profile: Profile;
  readonly seeds: readonly number[];
  readonly what: string;
}

export const CORPUS: readonly Found[] = [
  {
    profile: "exits",
    seeds: [917121090],
    what: "under a kill a stop that was more than what was held was cancelled though the venue keeps it from opening a position",
  },
  {
    profile: "swarm",
    seeds: [5016, 9228],
    what: "a price of minutes ago that was told while our clock was behind still counted as new when the clock was right again",
  },
  {
    profile: "exits",
    seeds: [421],
    what: "a price of minutes ago that was told while our clock was behind still counted as new when the clock was right again",
  },
  {
    profile: "declared",
    seeds: [1281, 1789],
    what: "a fill was taken for part of a first read that held nothing by an empty list alone, dated ahead by our clock, though another from before it had counted as new",
  },
  {
    profile: "exits",
    seeds: [1770],
    what: "an order that a dead-man switch took, at a venue that forgets it, was expected to end before its settle time was over, as passes were quick",
  },
  {
    profile: "exits",
    seeds: [1712],
    what: "what somebody else's stop may close was expected to be missing from each share's stop, and not once from the position",
  },
  {
    profile: "declared",
    seeds: [1851],
    what: "an order that showed fills after a gap in the history was ended as canceled without them, as its row had ended the doubt of the gap",
  },
  {
    profile: "exits",
    seeds: [608, 702, 1010],
    what: "a dead-man switch that fired while no call had got through for long was held against the last call alone",
  },
  {
    profile: "swarm",
    seeds: [2509],
    what: "a split that the first read had was told after it, by a venue far ahead of our clock, and a mirror was written with both",
  },
  {
    profile: "swarm",
    seeds: [978010105],
    what: "a trade that our clock dated before the first read was taken for a witness that the position it opened is gone, and a mirror's row was removed",
  },
  {
    profile: "exits",
    seeds: [1832],
    what: "an exit that something blocked waited on after that had ended, and its stop was placed and taken away again for ever",
  },
  {
    profile: "exits",
    seeds: [342],
    what: "estimates of a trade there and back stayed beside their fills, as all of them net to zero",
  },
  {
    profile: "swarm",
    seeds: [6844],
    what: "a split dated inside the first read was in the opening and beside it, and an estimate took it back at another price",
  },
  {
    profile: "swarm",
    seeds: [6096],
    what: "money that waited and was less than the tolerance was dropped, and missed when there was no price any more",
  },
  {
    profile: "swarm",
    seeds: [6474],
    what: "half of a flip that a row showed in the pass of a person's plan was judged by itself",
  },
  {
    profile: "exits",
    seeds: [933],
    what: "half of a flip that a row showed in the pass of a person's plan was judged by itself",
  },
  {
    profile: "swarm",
    seeds: [7842],
    what: "a trade that had closed a position was taken back unheard, and an empty list was believed beside totals with a value",
  },
  {
    profile: "swarm",
    seeds: [9674],
    what: "a fill that had closed a position was taken back unheard, and an empty list was believed beside a history without it",
  },
  {
    profile: "swarm",
    seeds: [7908],
    what: "a position that a row had shown was closed as vanished by an empty list, and the gate opened",
  },
  {
    profile: "swarm",
    seeds: [978000187],
    what: "a split waited, and so did the settlement of what it had made, as neither alone was nearer to the venue's zero",
  },
  {
    profile: "swarm",
    seeds: [3504],
    what: "the simulation asked for fills that came late, as declared, and were forgotten before the process was back",
  },
  {
    profile: "swarm",
    seeds: [8114],
    what: "an order was called canceled on the first history that was read, which began after it and did not tell its fill",
  },
  {
    profile: "swarm",
    seeds: [8356],
    what: "the simulation took our clock, set and set right again beside a second process, for set when the other one had gone",
  },
  {
    profile: "swarm",
    seeds: [918000573, 2974856343],
    what: "an order that reduced what had been traded while no positions were read was held against what was read before",
  },
  {
    profile: "exits",
    seeds: [518],
    what: "a kill took a stop away for a change that had not left and that it kept back itself",
  },
  {
    profile: "exits",
    seeds: [77100175],
    what: "a position that was opened while no positions were read could not be closed, as the read before it had none",
  },
  {
    profile: "ambiguity",
    seeds: [65, 193],
    what: "what an order that never arrived had kept in flight was compared a pass after that was known",
  },
  {
    profile: "exits",
    seeds: [972000431],
    what: "an order was taken to reduce for sure, though the venue's last read was from before what it would close",
  },
  {
    profile: "exits",
    seeds: [972001599],
    what: "a backstop that lists left out was followed by a second one, and nothing kept either from opening a position",
  },
  {
    profile: "exits",
    seeds: [964000064, 972001324],
    what: "passes counted in which a mirror waited its grace for a position that the book had just taken over",
  },
  {
    profile: "exits",
    seeds: [972000870],
    what: "a look-up after a lost answer ended an order without what it had filled, and a plan to close sent the whole quantity again",
  },
  {
    profile: "exits",
    seeds: [962000151],
    what: "an order's time to leave was drawn shorter than a configuration may say, and no exit's order ever left on a slow disk",
  },
  {
    profile: "exits",
    seeds: [965000027],
    what: "a position that a reversal opened again while nobody listened was left out by an empty list, and not asked for",
  },
  {
    profile: "swarm",
    seeds: [9300],
    what: "a second kill without --all left to the next pass what the first had been asked to cancel",
  },
  {
    profile: "swarm",
    seeds: [2443, 7998],
    what: "a second kill was held to the order of an exit that had left under the first",
  },
  {
    profile: "swarm",
    seeds: [3098],
    what: "the limit of orders a minute was held to amendments that were over long before our clock was set back",
  },
  {
    profile: "swarm",
    seeds: [3914840219],
    what: "a fill of an order that its row had ended counted beside its estimate, as our clock had been set back",
  },
  {
    profile: "swarm",
    seeds: [3914841371],
    what: "an empty first list was believed beside totals that had a value, and the gate opened",
  },
  {
    profile: "swarm",
    seeds: [3914840703],
    what: "splits took the place of estimates from before them, and a mirror's row was removed as netted to zero",
  },
  {
    profile: "swarm",
    seeds: [3914841641],
    what: "a mirror was written from fills alone, after a first read that was dated ahead of our clock",
  },
  {
    profile: "swarm",
    seeds: [960010865],
    what: "a mirror's row was less than a step from the book and the book from the venue, both together nearly two",
  },
  {
    profile: "exits",
    seeds: [961000210],
    what: "an exit's second order waited for ever behind a backstop that was taken away and placed again",
  },
  {
    profile: "exits",
    seeds: [90, 161],
    what: "nobody was told of a stop at the venue whose end was not known, and the next one waited for minutes after it was",
  },
  {
    profile: "exits",
    seeds: [965000197],
    what: "a backstop was changed for a position that had turned round, instead of being cancelled",
  },
  {
    profile: "exits",
    seeds: [964000012],
    what: "whoever killed again was not told again of what might still be open",
  },
  {
    profile: "exits",
    seeds: [270],
    what: "an exit that a kill kept back took the stop at the venue away",
  },
  {
    profile: "exits",
    seeds: [960000198],
    what: "a forced pass took back the estimate of an order that was read after the positions",
  },
  {
    profile: "exits",
    seeds: [960000005],
    what: "an exit was said to fail, and waited, for what the exit in its place before it had been refused",
  },
  {
    profile: "swarm",
    seeds: [960010329],
    what: "the simulation counted passes that were each too early for the last trade, as if they could tell of an exit that lacks",
  },
  {
    profile: "swarm",
    seeds: [960010207, 960010778],
    what: "nobody was told that no exit acts while the positions could not be read since the start",
  },
  {
    profile: "declared",
    seeds: [91],
    what: "a price feed that was opened anew, and did not hear, was never told again what to follow",
  },
  {
    profile: "exits",
    seeds: [404],
    what: "a price feed that was opened anew, and did not hear, was never told again what to follow",
  },
  {
    profile: "exits",
    seeds: [414],
    what: "a person's plan went with what turned out to have ended before it was set, and the default one was armed",
  },
  {
    profile: "exits",
    seeds: [970000143],
    what: "the simulation held a plan against what was opened after its position had ended, as both were told at once",
  },
  {
    profile: "exits",
    seeds: [970000166],
    what: "the simulation judged a mirror in the moment in which an exit had closed its position",
  },
  {
    profile: "declared",
    seeds: [976000028, 976000137],
    what: "the simulation asked for an exit where the venue takes no market orders, which only the configuration can change",
  },
  {
    profile: "declared",
    seeds: [976000271],
    what: "the simulation asked for a dash in the ids of a venue that takes none",
  },
  {
    profile: "absence",
    seeds: [1668],
    what: "a fill took the place of its order's estimate, and again of the opening that was only the rest",
  },
  {
    profile: "swarm",
    seeds: [5762],
    what: "the simulation let another account answer before the first one had been met",
  },
  {
    profile: "swarm",
    seeds: [1503864217],
    what: "an order of unknown outcome was told late, as our clock had been set back by less than had passed since",
  },
  {
    profile: "swarm",
    seeds: [601673],
    what: "fills that were later than a new one were taken for part of a first quantity that was dated ahead of our clock",
  },
  {
    profile: "swarm",
    seeds: [601696],
    what: "a person's word did not count for a mirror's row of which the book held less than a step",
  },
  {
    profile: "swarm",
    seeds: [303692],
    what: "an estimate and its opposite stayed, as more had happened before the next read",
  },
  {
    profile: "declared",
    seeds: [1122],
    what: "estimates of both directions did not give way to the fills of both directions that they were",
  },
  {
    profile: "declared",
    seeds: [930000454],
    what: "an opening did not give way to the fill that it was, as more had happened before the next read",
  },
  {
    profile: "declared",
    seeds: [1022, 930000166, 930000212, 930000411, 930000500, 930000506],
    what: "the simulation did not wait for a balance, or for another leg, while a read may lack what moved it",
  },
  {
    profile: "swarm",
    seeds: [889828474],
    what: "what a process had handed over behind a refused write was taken, on top of another process's record",
  },
  {
    profile: "swarm",
    seeds: [3686869064],
    what: "a fill of the very millisecond of a forced read was estimated back",
  },
  {
    profile: "swarm",
    seeds: [3686868961],
    what: "an order filled beyond what an amendment had left of it never ended",
  },
  {
    profile: "swarm",
    seeds: [3686870290],
    what: "an order that had ended before anybody looked ended before what it filled was booked",
  },
  {
    profile: "swarm",
    seeds: [889828803],
    what: "a mirror was written from a fill that first contact had had, as our clock was behind the venue's",
  },
  {
    profile: "swarm",
    seeds: [920002198],
    what: "an instrument that was stuck in flight was released before its mirror had been compared",
  },
  {
    profile: "swarm",
    seeds: [920006332],
    what: "of two trades of both directions that were taken back, estimates stayed beside each other",
  },
  {
    profile: "ambiguity",
    seeds: [920007027],
    what: "of a fill that an order's row had told already a part counted again, and the order was over too early",
  },
  {
    profile: "ambiguity",
    seeds: [920004086, 920004098],
    what: "the simulation asked for one leg while the other one was in flight",
  },
  {
    profile: "swarm",
    seeds: [920001508],
    what: "the simulation forgot money that had drifted before the first statement, and drifted back",
  },
  {
    profile: "swarm",
    seeds: [920000028],
    what: "the simulation counted passes of processes that had died, and forgotten, on the way",
  },
  {
    profile: "swarm",
    seeds: [889829513],
    what: "the simulation took a rebate in kind that a position's estimate had for too much",
  },
  {
    profile: "swarm",
    seeds: [3686870598],
    what: "a person's word released a halt that nobody had been told of, while the journal was slow",
  },
  {
    profile: "swarm",
    seeds: [1503867080],
    what: "the watch took an amendment of an order that had just filled for one that adds risk",
  },
  {
    profile: "swarm",
    seeds: [1247, 2662],
    what: "an estimate of a clock that was set back since kept its row in flight",
  },
  {
    profile: "swarm",
    seeds: [142, 164, 220, 227, 249],
    what: "where single orders cannot be asked for, one that ended stayed open for ever",
  },
  {
    profile: "swarm",
    seeds: [29, 49, 69, 95, 112, 16, 47, 136, 63, 135],
    what: "an alert waited for slow reads and stores, or was lost with the process",
  },
  {
    profile: "swarm",
    seeds: [40, 56],
    what: "what was only watched was repaired without a word when it counted again",
  },
  {
    profile: "swarm",
    seeds: [584],
    what: "a list that a look-up had shown to be short counted as whole, and the gate opened",
  },
  {
    profile: "swarm",
    seeds: [30715],
    what: "an estimate gave way to a fill from after its read, while the entry that was the difference could not be read",
  },
  {
    profile: "swarm",
    seeds: [31357],
    what: "a fill on top of a person's word told the mirror a quantity that the venue never had",
  },
  {
    profile: "swarm",
    seeds: [100263],
    what: "a kill's cancels waited for a slow journal",
  },
  {
    profile: "swarm",
    seeds: [1346],
    what: "an order filled beyond its size stayed open, as its fills were older than the venue keeps them",
  },
  {
    profile: "swarm",
    seeds: [31213],
    what: "an opening kept a fill that was told late and taken back at once",
  },
  {
    profile: "swarm",
    seeds: [41625, 41634],
    what: "of an order's missing fill the position had all but a fee in kind, and got nothing",
  },
  {
    profile: "swarm",
    seeds: [3686228051, 3686228324],
    what: "a trade of one step passed for dust, as its fee in kind left less than a step of it",
  },
  {
    profile: "swarm",
    seeds: [300247],
    what: "an order's estimate kept the fee in kind of the fill that it was",
  },
  {
    profile: "swarm",
    seeds: [60841],
    what: "the cash of a fill from the first moment of a read counted twice",
  },
  {
    profile: "swarm",
    seeds: [300659],
    what: "an order at the market was valued by the limit of another one",
  },
  {
    profile: "swarm",
    seeds: [303639, 205352],
    what: "a fill told long after its order ended counted beside what its last row had told",
  },
  { profile: "swarm", seeds: [30113], what: "what a person's plan uncovered needed another plan" },
  {
    profile: "swarm",
    seeds: [2878, 3571, 60590, 60675, 301784, 302501],
    what: "watches overlooked a jump that was noticed at once, and more",
  },
  { profile: "swarm", seeds: [276], what: "an alert left a difference out of its evidence" },
  {
    profile: "swarm",
    seeds: [11, 150],
    what: "one order's mismatch was opened and closed twice in one pass",
  },
  {
    profile: "swarm",
    seeds: [37, 757, 222],
    what: "money that moved while the balances were read counted twice",
  },
  {
    profile: "swarm",
    seeds: [175],
    what: "the venue's own row did not reopen an order that a person called over",
  },
  { profile: "swarm", seeds: [39], what: "a kill from while nothing ran waited for the first pass" },
  { profile: "swarm", seeds: [109], what: "a plan did not know that our clock had been set back" },
  { profile: "swarm", seeds: [3057], what: "a stream that never connected kept the account from being read" },
  { profile: "swarm", seeds: [4130], what: "quiet passes were written twice after a crash" },
  {
    profile: "swarm",
    seeds: [571, 597, 308, 952, 861, 121, 145, 52],
    what: "a trade that the venue took back came back as an estimate, or was never known",
  },
  {
    profile: "swarm",
    seeds: [265, 1383, 26, 98, 94],
    what: "how far the history was proven was forgotten over a restart",
  },
  {
    profile: "swarm",
    seeds: [2230, 2564, 3973],
    what: "a fill that was taken back before anybody told of it was estimated, though the opening had it",
  },
  {
    profile: "swarm",
    seeds: [1130],
    what: "an estimate stayed beside the reversal that it had been made for, and a second one took it back",
  },
  {
    profile: "swarm",
    seeds: [3140],
    what: "the halves of a flip stood beside the fill that they had been made for",
  },
  {
    profile: "swarm",
    seeds: [2563],
    what: "a fill counted as older than the first read because our clock had been ahead",
  },
  {
    profile: "swarm",
    seeds: [201075],
    what: "a mirror kept a position of which every fill had been taken back, where absence says nothing",
  },
  {
    profile: "swarm",
    seeds: [203067],
    what: "an order kept a part of its filled quantity of which every fill had been taken back untold",
  },
  {
    profile: "swarm",
    seeds: [204907],
    what: "a read right after a reversal lacked it, and an opening was made of it",
  },
  {
    profile: "swarm",
    seeds: [205054],
    what: "a mirror was written down to less than a step because a list left the position out",
  },
  {
    profile: "swarm",
    seeds: [205457],
    what: "an order that a plan ended was seen twice in one pass",
  },
  {
    profile: "swarm",
    seeds: [207412],
    what: "a split that was told late was in the opening, at a price that nobody had paid",
  },
  {
    profile: "swarm",
    seeds: [600261],
    what: "an empty list at first contact was believed, though a list that was too old to count had positions",
  },
  {
    profile: "swarm",
    seeds: [204356],
    what: "an undo forgot a write of which nobody knew whether it had been made",
  },
  {
    profile: "swarm",
    seeds: [205562, 208927, 205292, 207675, 510026],
    what: "the simulation took for told what nobody had told: a price, money within the grace, a forgotten split",
  },
  {
    profile: "swarm",
    seeds: [201756, 205832],
    what: "money of a fill, or a transfer, in the very millisecond of a read counted twice",
  },
  {
    profile: "swarm",
    seeds: [200709, 200756, 201404],
    what: "the simulation's person made one plan, and did not look again at what it had uncovered",
  },
  {
    profile: "absence",
    seeds: [975],
    what: "a mirror was written from a fill that the opening had too, while the positions could not be read",
  },
  {
    profile: "swarm",
    seeds: [4266, 4347],
    what: "a fill from before first contact stood beside the estimate of its order",
  },
  {
    profile: "swarm",
    seeds: [2, 17, 151, 119, 165, 480, 2146, 2206, 3252],
    what: "the simulation asked too much of it",
  },
  { profile: "ambiguity", seeds: [110, 19], what: "an order counted a fill and the estimate of it" },
  { profile: "absence", seeds: [17, 538], what: "the account that answered first was another one" },
];

if (import.meta.main) {
  const isJson = process.argv.includes("--json");
  const failed: { profile: Profile; seed: number; violations: readonly string[] }[] = [];
  let n = 0;
  for (const { profile, seeds } of CORPUS) {
    for (const seed of seeds) {
      n += 1;
      const { violations } = await runSeed({ seed, profile, settle: () => turn() });
      if (violations.length === 0) continue;
      failed.push({
        profile,
        seed,
        violations: violations.map(({ invariant, text }) => `${invariant}: ${text}`),
      });
    }
  }
  const result = { suite: "corpus", n, failures: failed.length, detail: { failed } };
  if (isJson) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    for (const { profile, seed, violations } of failed) {
      process.stdout.write(`trueup simulate --profile ${profile} --seed ${seed} --trace\n`);
      for (const text of violations) process.stdout.write(`  ${text}\n`);
    }
    process.stdout.write(`corpus: ${n} seeds that once ended badly, ${failed.length} do now\n`);
  }
  process.exitCode = failed.length > 0 ? 3 : 0;
}
