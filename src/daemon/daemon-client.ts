// Talking to the daemon of a state folder over its API, with the token from its owner-only file.
import { type IncomingMessage, request } from "node:http";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { type DaemonFacts, daemonOf } from "./registry.ts";
import { readSecret, tokenFile } from "./state-dir.ts";

/** How long a command waits for an answer; a pass may take its time. In ms. */
const TIMEOUT_MS = 120_000;
/** What is only read the daemon has at hand: one that takes longer hangs. In ms. */
const READ_TIMEOUT_MS = 10_000;

const EXIT_OF_STATUS: Readonly<Record<number, ExitCode>> = {
  401: EXIT.permission,
  403: EXIT.permission,
  404: EXIT.usage,
  409: EXIT.unresolved,
  422: EXIT.usage,
  503: EXIT.retry,
};

export interface StreamReader {
  readonly signal: AbortSignal;
  readonly tell: (event: unknown) => void;
  /** Called when nothing is missed any more. */
  readonly onConnected: () => void;
}

export class DaemonClient {
  readonly facts: DaemonFacts;
  private readonly token: string;
  private readonly url: string;

  constructor(facts: DaemonFacts, url: string, token: string) {
    this.facts = facts;
    this.url = url;
    this.token = token;
  }

  /** @param signal Ends the wait earlier. */
  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.request<T>("GET", path, undefined, signal);
  }

  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return this.request<T>("POST", path, body, signal);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>("PUT", path, body, undefined);
  }

  private async request<T>(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const limitMs = method === "GET" ? READ_TIMEOUT_MS : TIMEOUT_MS;
    const limit = AbortSignal.timeout(limitMs);
    const until = signal ? AbortSignal.any([signal, limit]) : limit;
    const answer = await this.send(method, path, body, until).catch((cause: Error) => {
      throw this.unreachable(limit.aborted ? new Error(`no answer within ${limitMs / 1_000} s`) : cause);
    });
    const document = documentIn(answer.text) as T & { error?: { code: string; message: string } };
    if (answer.status >= 200 && answer.status < 300) return document;
    const message = document.error?.message ?? `it answered ${answer.status}`;
    const exit = EXIT_OF_STATUS[answer.status] ?? EXIT.unexpected;
    throw new CliError(exit, document.error?.code ?? "daemon_error", `The daemon refused: ${message}`);
  }

  /**
   * Reads server-sent events until the signal ends it or the connection breaks; resolves then.
   * @throws CliError when the daemon refuses, or cannot be reached.
   */
  async stream(path: string, { signal, tell, onConnected }: StreamReader): Promise<void> {
    const response = await this.connect("GET", path, undefined, signal).catch((cause: Error) => {
      throw this.unreachable(cause);
    });
    if (response.statusCode !== 200) {
      response.resume();
      throw new CliError(
        EXIT.unexpected,
        "daemon_error",
        `The daemon refused: it answered ${response.statusCode}`,
      );
    }
    onConnected();
    response.setEncoding("utf8");
    let rest = "";
    try {
      for await (const part of response as AsyncIterable<string>) {
        const [last = "", ...whole] = (rest + part).split("\n\n").reverse();
        rest = last;
        for (const block of whole.reverse()) if (block.startsWith("data: ")) tell(JSON.parse(block.slice(6)));
      }
    } catch {
      // The connection broke, or was ended: whoever reads on connects again.
    }
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const response = await this.connect(method, path, body, signal);
    response.setEncoding("utf8");
    let text = "";
    for await (const part of response as AsyncIterable<string>) text += part;
    return { status: response.statusCode ?? 0, text };
  }

  /** Resolves with the head of the answer. By node:http: to load fetch takes longer than most answers. */
  private connect(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(text !== undefined && {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        "x-trueup": "1",
      }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method, agent: false, headers, signal });
      sent.on("response", resolve);
      sent.on("error", reject);
      sent.end(text);
    });
  }

  private unreachable(cause: Error): CliError {
    // Of an attempt that was given up the cause says why.
    const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
    return new CliError(
      EXIT.daemon,
      "daemon_unreachable",
      `The daemon with pid ${this.facts.pid} does not answer at ${this.url}: ${reason}. See its log; if it hangs, end it and start it again.`,
      { cause },
    );
  }
}

/** What is no JSON has no fields; its status says enough. */
function documentIn(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/** The client of the running daemon; undefined when none runs. @throws CliError when one runs and cannot be used. */
export function daemonClient(stateDir: string): DaemonClient | undefined {
  const facts = daemonOf(stateDir);
  return facts && clientOf(facts);
}

/** The client of this daemon. @throws CliError when it cannot be used. */
export function clientOf(facts: DaemonFacts): DaemonClient {
  if (facts.url === null) {
    throw new CliError(
      EXIT.daemon,
      "daemon_without_api",
      `The daemon with pid ${facts.pid} has its API switched off ([api] enabled = false).`,
    );
  }
  const file = tokenFile(facts.stateDir);
  const token = readSecret(file);
  if (token === undefined) {
    throw new CliError(
      EXIT.permission,
      "token_missing",
      `The daemon's token ${file} is not there; start the daemon again.`,
    );
  }
  return new DaemonClient(facts, facts.url, token);
}

/** For commands that only read: where the API is switched off they read the journal, as without a daemon. */
export function readingClient(stateDir: string): DaemonClient | undefined {
  return daemonOf(stateDir)?.url === null ? undefined : daemonClient(stateDir);
}
