// Preloaded before a command: writes the address of every file that it loads to the file TRUEUP_TEST_LOADED names.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) appendFileSync(process.env.TRUEUP_TEST_LOADED, `${url}\n`);
    return next(url, context);
  },
});
