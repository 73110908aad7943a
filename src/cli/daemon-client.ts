// Talking to the daemon of a state folder over its API, with the token from its owner-only file.
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { type DaemonFacts, daemonOf } from "./registry.ts";
import { readSecret, tokenFile } from "./state-dir.ts";

/** How long a command waits for an answer; a pass may take its time. In ms. */
const TIMEOUT_MS = 120_000;

const EXIT_OF_STATUS: Readonly<Record<number, ExitCode>> = {
  401: EXIT.permission,
  403: EXIT.permission,
  404: EXIT.usage,
  409: EXIT.unresolved,
  422: EXIT.usage,
  503: EXIT.retry,
};

export class DaemonClient {
  readonly facts: DaemonFacts;
  private readonly token: string;
  private readonly url: string;

  constructor(facts: DaemonFacts, url: string, token: string) {
    this.facts = facts;
    this.url = url;
    this.token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.request<T>("GET", path, undefined);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>("POST", path, body);
  }

  private async request<T>(method: string, path: string, body: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { "content-type": "application/json", "x-trueup": "1" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new CliError(
        EXIT.daemon,
        "daemon_unreachable",
        `The daemon with pid ${this.facts.pid} does not answer at ${this.url}: ${reasonOf(cause)}. See its log; if it hangs, end it and start it again.`,
        { cause },
      );
    });
    const answer = (await response.json().catch(() => ({}))) as T & {
      error?: { code: string; message: string };
    };
    if (response.ok) return answer;
    const message = answer.error?.message ?? `it answered ${response.status}`;
    const exit = EXIT_OF_STATUS[response.status] ?? EXIT.unexpected;
    throw new CliError(exit, answer.error?.code ?? "daemon_error", `The daemon refused: ${message}`);
  }
}

/** The client of the running daemon; undefined when none runs. @throws CliError when one runs and cannot be used. */
export function daemonClient(stateDir: string): DaemonClient | undefined {
  const facts = daemonOf(stateDir);
  if (!facts) return undefined;
  if (facts.url === null) {
    throw new CliError(
      EXIT.daemon,
      "daemon_without_api",
      `The daemon with pid ${facts.pid} has its API switched off ([api] enabled = false).`,
    );
  }
  const token = readSecret(tokenFile(stateDir));
  if (token === undefined) {
    throw new CliError(
      EXIT.permission,
      "token_missing",
      `The daemon's token ${tokenFile(stateDir)} is not there; start the daemon again.`,
    );
  }
  return new DaemonClient(facts, facts.url, token);
}

/** For commands that only read: where the API is switched off they read the journal, as without a daemon. */
export function readingClient(stateDir: string): DaemonClient | undefined {
  return daemonOf(stateDir)?.url === null ? undefined : daemonClient(stateDir);
}

function reasonOf(cause: unknown): string {
  const error = cause as Error & { cause?: Error };
  return error.cause?.message ?? error.message;
}
