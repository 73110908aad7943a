// What is the same for both ways to have trueup: accounts by name, listeners, the loop over events, one end.
import type { EventHub, EventListener, TrueupEvent } from "../daemon/events.ts";
import { CliError, EXIT } from "../daemon/exit.ts";
import { EventQueue } from "./event-queue.ts";
import type { Account, Trueup } from "./trueup.ts";

export interface HandleParts {
  readonly accounts: readonly Account[];
  readonly hub: EventHub;
  close(): Promise<void>;
}

export class Handle implements Trueup {
  private readonly parts: HandleParts;
  private readonly queues = new Set<EventQueue>();
  private closing: Promise<void> | undefined;

  constructor(parts: HandleParts) {
    this.parts = parts;
  }

  get accounts(): readonly string[] {
    return this.parts.accounts.map(({ name }) => name);
  }

  account(name?: string): Account {
    const { accounts } = this.parts;
    const names = this.accounts.join(", ");
    const found = accounts.filter((account) => name === undefined || account.name === name);
    const [first, ...others] = found;
    if (!first)
      throw new CliError(EXIT.usage, "no_account", `there is no account "${name}"; there are: ${names}`);
    if (others.length > 0) throw new CliError(EXIT.usage, "which_account", `name one account of: ${names}`);
    return first;
  }

  onEvent(listener: EventListener): () => void {
    return this.parts.hub.listen(listener);
  }

  events({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<TrueupEvent> {
    const queue = new EventQueue(() => {
      stop();
      this.queues.delete(queue);
      signal?.removeEventListener("abort", end);
    });
    const end = () => queue.end();
    const stop = this.parts.hub.listen((event) => queue.push(event));
    this.queues.add(queue);
    signal?.addEventListener("abort", end);
    if (signal?.aborted || this.closing) queue.end();
    return queue;
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async end(): Promise<void> {
    try {
      await this.parts.close();
    } finally {
      for (const queue of [...this.queues]) queue.end();
    }
  }
}
