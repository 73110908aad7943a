// The command line as a process: its arguments, its streams, the person at its terminal, its exit code.
import { realParts } from "../daemon/real-parts.ts";
import type { Io } from "./output.ts";
import { runCli } from "./program.ts";

let endsWithReader = true;

const io: Io = {
  stdout: (text) => {
    process.stdout.write(text);
  },
  stderr: (text) => {
    process.stderr.write(text);
  },
  outliveReader: () => {
    endsWithReader = false;
  },
  env: process.env,
  cwd: process.cwd(),
  isTty: process.stdout.isTTY === true,
  size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  onResize: (work) => {
    process.stdout.on("resize", work);
    return () => process.stdout.off("resize", work);
  },
  ...(process.stdin.isTTY && process.stdout.isTTY && { ask: askPerson }),
};

async function askPerson(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

// A reader that closes the pipe early (head, less) is no error. Whoever reads a daemon's log may come to an end; the
// accounts that it guards must not be left alone for that.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" && endsWithReader) process.exit(0);
});
process.exitCode = await runCli(process.argv.slice(2), realParts, io);
