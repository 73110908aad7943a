// Runs the whole suite with each bug of the list and prints what saw it: for whoever adds a bug or a claim. Names of bugs may
// be given. node_modules/.bin/node test/conformance/planted/hunt.ts ["a short is long" …]
import { ADAPTER_BUGS } from "./bugs.ts";
import { runWith } from "./run.ts";

const wanted = process.argv.slice(2);
for (const bug of ADAPTER_BUGS.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  const { failed, passed, output } = await runWith(bug);
  const isSeen = failed.some((name) => name.includes(bug.seenBy));
  console.log(
    `${isSeen ? "seen  " : failed.length > 0 ? "OTHER " : "UNSEEN"} ${bug.id}: ${failed.length} failed, ${passed} passed`,
  );
  for (const name of failed.slice(0, 6)) console.log(`         ${name}`);
  if (failed.length === 0 && passed === 0) console.log(output.slice(-2_000));
}
