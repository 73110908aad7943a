// Imported into each file of `npm test`, which all are processes of their own, and many start others: what one of them has
// compiled, with its types stripped, the next ones read. Node itself tells by the text whether it still fits.
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Where Node itself would put it; in the environment, so that what a test starts has it too.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache");
enableCompileCache(process.env.NODE_COMPILE_CACHE);
