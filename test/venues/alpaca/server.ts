// A local server that speaks Alpaca's wire protocol, on loopback only: the real adapter and its real client run
// against it. Its account is set by tests or a file; a menu of faults makes single endpoints misbehave.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type EndpointName, routeOf } from "./endpoints.ts";
import { type Fault, failure, misbehave, type Wire, wire } from "./faults.ts";
import { type AccountState, newState } from "./state.ts";

export const ENDPOINTS: readonly EndpointName[] = [
  "account",
  "positions",
  "position",
  "orders",
  "order",
  "orderByClientId",
  "fills",
  "activities",
];

export interface ServerOptions {
  /** Any free one unless given. */
  readonly port?: number;
  readonly keyId?: string;
  readonly secret?: string;
}

export class AlpacaServer {
  state: AccountState = newState();
  readonly keyId: string;
  readonly secret: string;
  /** Path and query of every request, in order. */
  readonly requests: string[] = [];
  private readonly faults = new Map<EndpointName, { fault: Fault; good: number }>();
  private readonly hanging: (() => void)[] = [];
  private readonly server: Server;
  private readonly port: number;

  constructor(options: ServerOptions = {}) {
    this.port = options.port ?? 0;
    this.keyId = options.keyId ?? "PKTEST0000000000LOCAL";
    this.secret = options.secret ?? "local-secret-0123456789";
    this.server = createServer((request, response) => this.handle(request, response));
  }

  /** Listens on 127.0.0.1; the result is the base URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(this.port, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** From now on, or after some good answers, this endpoint misbehaves. */
  setFault(endpoint: EndpointName, fault: Fault, goodAnswers = 0): void {
    this.faults.set(endpoint, { fault, good: goodAnswers });
  }

  /** Resolves when the next request is left without an answer: a test ends the waiting then, instead of waiting. */
  nextHanging(): Promise<void> {
    return new Promise((resolve) => this.hanging.push(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    this.requests.push(`${url.pathname}${url.search}`);
    const answer = this.answer(request, url);
    if (answer) send(response, answer);
    else for (const resolve of this.hanging.splice(0)) resolve();
  }

  private answer({ headers, method }: IncomingMessage, url: URL): Wire | undefined {
    if (headers["apca-api-key-id"] !== this.keyId || headers["apca-api-secret-key"] !== this.secret) {
      return failure(401, 40110000, "request is not authorized");
    }
    const route = method === "GET" ? routeOf(url) : undefined;
    if (!route) return failure(404, 40410000, "endpoint not found.");
    const reply = route.reply(this.state);
    const fault = this.faultOf(route.endpoint);
    return fault === undefined ? wire(reply) : misbehave(fault, reply);
  }

  private faultOf(endpoint: EndpointName): Fault | undefined {
    const set = this.faults.get(endpoint);
    if (set === undefined) return undefined;
    set.good -= 1;
    return set.good < 0 ? set.fault : undefined;
  }
}

function send(response: ServerResponse, { status, text, headers }: Wire): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=UTF-8", ...headers });
  response.end(text);
}
