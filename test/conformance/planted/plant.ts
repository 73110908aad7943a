// Loaded before anything else (node --import), it puts one wrong change into the one file of an adapter as that is loaded,
// and does nothing where TRUEUP_ADAPTER_BUG is not set. No file is changed.
import { registerHooks } from "node:module";
import { ADAPTER_BUGS } from "./bugs.ts";

const id = process.env.TRUEUP_ADAPTER_BUG;
const bug = ADAPTER_BUGS.find((one) => one.id === id);
if (id !== undefined && !bug) {
  throw new Error(`there is no such bug "${id}"; there are: ${ADAPTER_BUGS.map((one) => one.id).join(", ")}`);
}
if (bug) {
  const folder = bug.adapter === undefined ? "conformance/template" : `venues/${bug.adapter}`;
  const url = new URL(`../../../src/${folder}/${bug.file}`, import.meta.url).href;
  registerHooks({
    load(loaded, context, next) {
      const module = next(loaded, context);
      if (loaded !== url) return module;
      const text =
        typeof module.source === "string"
          ? module.source
          : new TextDecoder().decode(module.source as Uint8Array);
      const count = text.split(bug.before).length - 1;
      if (count !== 1) {
        throw new Error(
          `the bug "${bug.id}" no longer fits: its text is in ${bug.file} ${count} times; bring bugs.ts in line`,
        );
      }
      return { ...module, source: text.replace(bug.before, () => bug.after) };
    },
  });
}
