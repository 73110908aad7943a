// Measures one work in this process and prints what was found as one line of JSON.
import { WORKS } from "./works.ts";

const [name = "", size] = process.argv.slice(2);
const work = WORKS[name];
if (!work) throw new Error(`there is no work "${name}"; there are ${Object.keys(WORKS).join(", ")}`);
const findings = await work(size === "quick");
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
const memory = { what: `largest memory of the measuring process (${name})`, value: `${peakMb} MB RSS` };
process.stdout.write(`${JSON.stringify({ ...findings, facts: [...findings.facts, memory] })}\n`);
