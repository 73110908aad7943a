// A server on 127.0.0.1 that speaks a venue's protocol over HTTP and WebSocket: the real adapter and the real client of
// the venue run against it. A venue's own server extends it with routes that render the account, and with what is said
// on its stream; every fault of the menu is here, and so the same for all.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { AccountModel } from "../model/account-model.ts";
import type { AccountView, ModelEvent } from "../model/facts.ts";
import {
  type CommandFaultName,
  commandFault,
  ELSEWHERE,
  type ReadFaultName,
  readFault,
  type StreamFaults,
  textOf,
  type Wired,
} from "./faults.ts";
import { WebSocketPeer } from "./peer.ts";
import {
  COMMANDS,
  type Command,
  type PageOf,
  type Part,
  type Route,
  type WireReply,
  type WireRequest,
} from "./route.ts";

/** By this header the suite finds the request that is left without an answer. */
export const REQUEST_HEADER = "x-bench-request";

/** Asked by the suite itself, to let what is under way arrive; no venue has it. */
export const BARRIER_PATH = "/bench/barrier";

/** One client of the stream. */
export interface WireClient {
  readonly path: string;
  readonly query: URLSearchParams;
  /** An answer to what the client asked; `isSlow` holds it back, `isMute` swallows it. */
  answer(text: string): void;
  /** Does more than say something; held back and swallowed like an answer. */
  act(work: () => void): void;
  /** Ends the connection as the server does it. */
  close(code?: number): void;
  /** Set by the protocol when every subscription is acknowledged: from then on it is told of the account. */
  isSubscribed: boolean;
  /** Whatever the protocol wants to remember of this client. */
  readonly notes: Map<string, unknown>;
}

export interface ServedRequest {
  readonly part: Part | "unknown";
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export abstract class WireServer {
  readonly model: AccountModel;
  /** Everything that was asked, in order. */
  readonly requests: ServedRequest[] = [];
  /** Every message of every client of the stream, in order. */
  readonly received: string[] = [];
  stream: StreamFaults = {};
  /** What stands for the account where it is read, in place of the model: another account's id, fills that come late. */
  view: ((account: AccountView) => AccountView) | undefined;
  /** What an error repeats that repeats the keys, where the request has it. */
  secrets: readonly string[] = [];
  /** Requests that followed a redirect. */
  followed = 0;
  private misbehaved = 0;
  private readonly readFaults = new Map<Part, { name: ReadFaultName; good: number; before: AccountView }>();
  private readonly commandFaults = new Map<Command, { name: CommandFaultName; times: number }>();
  private readonly pageCuts = new Map<Part, number>();
  private readonly clients = new Map<WireClient, WebSocketPeer>();
  private readonly held: (() => void)[] = [];
  private readonly hanging = new Map<string, () => void>();
  private waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];
  private readonly server: Server;
  private swallowed = 0;

  constructor(model: AccountModel) {
    this.model = model;
    this.server = createServer((request, response) => this.take(request, response));
    this.server.on("upgrade", (request, socket) => this.upgrade(request, socket));
    model.on((event) => this.publish(event));
  }

  /** The venue's endpoints. The first that fits a request answers it. */
  protected abstract routes(): readonly Route[];

  /** Whether a request carries the keys; what is said where it does not. Asked before every route. */
  protected refusalOf(_request: WireRequest): WireReply | undefined {
    return undefined;
  }

  /** What the venue says to an address that it does not have. */
  protected notFound(_request: WireRequest): WireReply {
    return { status: 404, json: { message: "not found" } };
  }

  /** A new client of the stream. */
  protected connected(_client: WireClient): void {
    // Nothing is said first unless the venue does it.
  }

  /** What a client says. */
  protected said(_client: WireClient, _text: string): void {
    // Nothing is answered unless the venue does it.
  }

  /** What the stream tells of something that happened, in the venue's words: none where it does not tell of it. */
  protected framesOf(_event: ModelEvent, _client: WireClient): readonly string[] {
    return [];
  }

  /** Whether frames go out as bytes, as some venues do it. */
  protected get isBinary(): boolean {
    return false;
  }

  /** What the venue says when its stream's key has expired, to a client that goes on to be connected; none by default. */
  expiryFrames(): readonly string[] {
    return [];
  }

  /** Listens; the result is the address for HTTP. The one for WebSockets has the same host and port. */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${this.port}`;
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    this.cut();
    await closed;
  }

  // Faults of requests.

  /** From now on, or after some good answers, whatever serves this part misbehaves. */
  setReadFault(part: Part, name: ReadFaultName, goodAnswers = 0): void {
    this.readFaults.set(part, { name, good: goodAnswers, before: this.model.frozen() });
  }

  /** The next commands of this kind misbehave, as often as said. */
  setCommandFault(command: Command, name: CommandFaultName, times = Number.POSITIVE_INFINITY): void {
    this.commandFaults.set(command, { name, times });
  }

  /** Pages of this part have no more rows than this, whatever is asked. */
  cutPages(part: Part, rows: number): void {
    this.pageCuts.set(part, rows);
  }

  /** All is well again. */
  clearFaults(): void {
    this.readFaults.clear();
    this.commandFaults.clear();
    this.pageCuts.clear();
    this.view = undefined;
    this.stream = {};
  }

  /** Called when the request with this id is left without an answer: a test ends the waiting then, instead of waiting. */
  onHang(id: string, work: () => void): void {
    this.hanging.set(id, work);
  }

  /** Answers of reads that a fault has made others. */
  get faultyAnswers(): number {
    return this.misbehaved;
  }

  countOf(part: Part): number {
    return this.requests.filter((one) => one.part === part).length;
  }

  // The stream.

  get subscribers(): number {
    return [...this.clients.keys()].filter(({ isSubscribed }) => isSubscribed).length;
  }

  get connections(): number {
    return this.clients.size;
  }

  /** Messages of the account that a silent stream has kept. */
  get lostFrames(): number {
    return this.swallowed;
  }

  /** Anything at all, to every client that is subscribed. */
  raw(content: string | Buffer): void {
    for (const [client, peer] of this.clients) {
      if (client.isSubscribed) this.send(peer, content);
    }
  }

  /** Without a word, as a cable that is cut. */
  cut(): void {
    for (const peer of this.clients.values()) peer.cut();
  }

  close(code: number): void {
    for (const peer of this.clients.values()) peer.close(code);
  }

  /** Sends the first of what was held back. */
  releaseOne(): void {
    this.held.shift()?.();
  }

  /** Sends what was held back. */
  release(): void {
    for (const send of this.held.splice(0)) send();
  }

  /** Resolves when something is true of the stream; looked at whenever something happens on it. */
  until(isDone: (server: this) => boolean): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ isDone: () => isDone(this), done });
      this.look();
    });
  }

  private publish(event: ModelEvent): void {
    for (const [client, peer] of this.clients) {
      if (!client.isSubscribed) continue;
      const frames = this.framesOf(event, client);
      if (this.stream.isSilent || this.stream.isMute) {
        this.swallowed += frames.length;
        continue;
      }
      for (const frame of frames) this.tell(peer, frame);
    }
  }

  private tell(peer: WebSocketPeer, frame: string): void {
    const times = this.stream.isDoubled ? 2 : 1;
    const send = () => {
      for (let time = 0; time < times; time += 1) this.send(peer, frame);
    };
    if (this.stream.isReversed) this.held.unshift(send);
    else send();
  }

  private send(peer: WebSocketPeer, content: string | Buffer): void {
    if (this.isBinary || typeof content !== "string") peer.binary(content);
    else peer.text(content);
  }

  private upgrade(request: IncomingMessage, socket: Duplex): void {
    if (this.stream.isDown) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const peer = new WebSocketPeer(request, socket);
    const act = (work: () => void) => {
      if (this.stream.isMute) return;
      const done = () => {
        work();
        this.look();
      };
      if (this.stream.isSlow) this.held.push(done);
      else done();
    };
    const client: WireClient = {
      path: url.pathname,
      query: url.searchParams,
      answer: (text) => act(() => this.send(peer, text)),
      act,
      close: (code) => peer.close(code),
      isSubscribed: false,
      notes: new Map(),
    };
    this.clients.set(client, peer);
    peer.onText = (text) => {
      this.received.push(text);
      this.said(client, text);
      this.look();
    };
    peer.onClosed = () => {
      this.clients.delete(client);
      this.look();
    };
    peer.mayPong = () => !this.stream.isMute;
    this.connected(client);
    this.look();
  }

  private look(): void {
    const done = this.waiting.filter(({ isDone }) => isDone());
    this.waiting = this.waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const asked: WireRequest = {
        method: request.method ?? "GET",
        path: url.pathname,
        caught: [],
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      this.finish(request, response, this.answer(asked));
      this.look();
    });
  }

  private answer(asked: WireRequest): Wired {
    if (asked.path === BARRIER_PATH) return { status: 200, text: "" };
    if (asked.path === `/${ELSEWHERE}`) {
      this.followed += 1;
      return { status: 200, json: {} };
    }
    const found = this.routeOf(asked);
    const { method, path, body, query } = asked;
    const search = query.size === 0 ? "" : `?${query}`;
    this.requests.push({ part: found?.route.of[0] ?? "unknown", method, path: `${path}${search}`, body });
    if (!found) return this.notFound(asked);
    const { route, request } = found;
    const command = COMMANDS.find((one) => route.of.includes(one));
    return command === undefined ? this.read(route, request) : this.command(command, route, request);
  }

  private routeOf(asked: WireRequest): { readonly route: Route; readonly request: WireRequest } | undefined {
    for (const route of this.routes()) {
      const match = route.method === asked.method ? route.path.exec(asked.path) : null;
      if (!match || match[0] !== asked.path) continue;
      const request = { ...asked, caught: match.slice(1).map((text) => decodeURIComponent(text ?? "")) };
      if (route.when?.(request) ?? true) return { route, request };
    }
    return undefined;
  }

  private read(route: Route, request: WireRequest): Wired {
    const fault = route.of.map((part) => this.faultOf(part)).find((one) => one !== undefined);
    const refusal = this.refusalOf(request);
    if (refusal) return refusal;
    const shown = this.view?.(this.model.frozen()) ?? this.model.frozen();
    const menu = fault && readFault(fault.name);
    const isStale = fault?.name === "a stale answer";
    const view = isStale ? fault.before : (menu?.view?.(shown) ?? shown);
    const reply = route.reply(request, view, this.pageOf(route));
    const wired = menu?.wire?.(reply, this.sentIn(request)) ?? reply;
    if (wired !== reply) this.misbehaved += 1;
    return wired;
  }

  private command(command: Command, route: Route, request: WireRequest): Wired {
    const set = this.commandFaults.get(command);
    const fault = set && set.times > 0 ? commandFault(set.name) : undefined;
    if (set && fault) set.times -= 1;
    const work = () => this.refusalOf(request) ?? route.reply(request, this.model, this.pageOf(route));
    if (!fault) return work();
    return fault.wire(fault.isAfter ? work() : { status: 200, text: "" }, this.sentIn(request));
  }

  /** The secrets that came with a request: a venue can repeat no others. */
  private sentIn({ path, query, headers, body }: WireRequest): string[] {
    const text = JSON.stringify([path, [...query], headers, body]);
    return this.secrets.filter((secret) => text.includes(JSON.stringify(secret).slice(1, -1)));
  }

  private faultOf(part: Part): { readonly name: ReadFaultName; readonly before: AccountView } | undefined {
    const set = this.readFaults.get(part);
    if (!set) return undefined;
    set.good -= 1;
    return set.good < 0 ? set : undefined;
  }

  private pageOf(route: Route): PageOf {
    const cuts = route.of.flatMap((part) => this.pageCuts.get(part) ?? []);
    return (asked, most, unasked = most) => {
      const wanted = asked === null || asked === "" ? unasked : Math.min(Number(asked), most);
      return Math.min(wanted, ...cuts);
    };
  }

  private finish(request: IncomingMessage, response: ServerResponse, wired: Wired): void {
    const id = String(request.headers[REQUEST_HEADER]);
    if (wired !== "hang") this.hanging.delete(id);
    if (wired === "reset") request.socket.destroy();
    else if (wired === "hang") this.hanging.get(id)?.();
    else if ("halfThenReset" in wired) this.breakOff(request, response, wired.halfThenReset);
    else {
      const headers: Record<string, string> = { "Content-Type": "application/json", ...wired.headers };
      if (wired.headers?.Location === ELSEWHERE)
        headers.Location = `http://localhost:${this.port}/${ELSEWHERE}`;
      response.writeHead(wired.status, headers);
      response.end(textOf(wired));
    }
  }

  private breakOff(request: IncomingMessage, response: ServerResponse, reply: WireReply): void {
    const bytes = Buffer.from(textOf(reply));
    response.writeHead(reply.status, {
      "Content-Type": "application/json",
      "Content-Length": String(bytes.length + 1),
    });
    response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => request.socket.destroy());
  }
}
