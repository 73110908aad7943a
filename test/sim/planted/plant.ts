// Loaded before anything else (node --import), it puts one planted bug into the one source file as that is loaded, and
// does nothing where TRUEUP_PLANTED_BUG is not set. Threads and children get it by NODE_OPTIONS (see hunt.ts).
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { BUGS } from "./bugs.ts";
import { plantedIn } from "./planting.ts";

/** Where the run can look whether the bug really is in the code that it runs. */
export const PLANTED = Symbol.for("trueup.planted");

const id = process.env.TRUEUP_PLANTED_BUG;
const bug = BUGS.find((one) => one.id === id);
if (id !== undefined && id !== "" && !bug) {
  throw new Error(`there is no planted bug "${id}"; there are: ${BUGS.map((one) => one.id).join(", ")}`);
}
if (bug) {
  const root = new URL("../../../", import.meta.url);
  const url = new URL(bug.file, root).href;
  registerHooks({
    load(loaded, context, next) {
      const module = next(loaded, context);
      if (loaded !== url) return module;
      if (module.source == null) throw new Error(`${bug.file} was loaded without its text`);
      const text =
        typeof module.source === "string"
          ? module.source
          : new TextDecoder().decode(module.source as Uint8Array);
      (globalThis as Record<symbol, unknown>)[PLANTED] = bug.id;
      return { ...module, source: plantedIn(text, bug) };
    },
  });
}

/** To be given to node, and to every node that it starts. */
export const PLANT_OPTION = `--import=${pathToFileURL(import.meta.filename).href}`;
