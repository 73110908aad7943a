// Emits dist/, what the package brings instead of src/: JavaScript and declarations, without the tests. No source maps: the
// JavaScript is the source without its types, comments included, so that a stack trace leads to lines one can read.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(fileURLToPath(import.meta.url), "..", "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
const run = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
// The compiler names files as they are called in dist/ in JavaScript, but not in declarations.
for (const file of globSync("dist/**/*.d.ts", { cwd: root })) {
  const text = readFileSync(join(root, file), "utf8");
  writeFileSync(join(root, file), text.replace(/(\bfrom |\bimport\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
}
process.exit(run.status ?? 1);
