// A server of prices on this machine: a WebSocket whose words are a bench's, and answers to questions for prices. It knows
// what is subscribed, and can fall silent, hear nothing, cut and refuse.
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PriceWords, Quote } from "../price-bench.ts";
import { WebSocketPeer } from "./peer.ts";

/** Answered at once and noted nowhere. */
const BARRIER_PATH = "/barrier-of-the-claims";

export class PriceServer {
  readonly quotes = new Map<string, Quote>();
  readonly subscribed = new Set<string>();
  /** Each message that came in, and each question. */
  readonly heard: string[] = [];
  connections = 0;
  /** Messages come in and nothing is answered. */
  isMute = false;
  /** Questions are answered with this instead. */
  failure: { readonly status: number; readonly body: string } | undefined;
  nowMs: () => number = () => 0;
  private readonly words: PriceWords;
  private readonly server: Server;
  private peer: WebSocketPeer | undefined;

  constructor(words: PriceWords) {
    this.words = words;
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const url = new URL(request.url ?? "/", "http://127.0.0.1");
        const body = Buffer.concat(chunks).toString("utf8");
        if (url.pathname === BARRIER_PATH) {
          response.end();
          return;
        }
        this.heard.push(`${request.method} ${url.pathname}${url.search}`);
        const reply = this.failure ?? {
          status: 200,
          body: this.words.answer?.({ url, body }, this.quotes, this.nowMs()) ?? "{}",
        };
        response.writeHead(reply.status, { "Content-Type": "application/json" });
        response.end(reply.body);
      });
    });
    this.server.on("upgrade", (request, socket) => {
      const peer = new WebSocketPeer(request, socket);
      this.connections += 1;
      this.peer = peer;
      this.subscribed.clear();
      peer.mayPong = () => !this.isMute;
      peer.onClosed = () => {
        if (this.peer === peer) this.peer = undefined;
      };
      peer.onText = (text) => {
        this.heard.push(text);
        if (this.isMute) return;
        for (const reply of this.words.received(text, this.subscribed, this.quotes, this.nowMs()))
          peer.text(reply);
      };
      for (const text of this.isMute ? [] : (this.words.opened?.() ?? [])) peer.text(text);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whoever waits for it knows that what was sent before has come. */
  async roundTrip(): Promise<void> {
    const { port } = this.server.address() as AddressInfo;
    await new Promise<void>((resolve, reject) => {
      get({ host: "127.0.0.1", port, path: BARRIER_PATH }, (response) => {
        response.resume().on("end", resolve);
      }).on("error", reject);
    });
  }

  async stop(): Promise<void> {
    this.peer?.cut();
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  get isConnected(): boolean {
    return this.peer !== undefined;
  }

  /** The market moves; whoever is subscribed hears of it. */
  move(instrument: string, quote: Quote): void {
    this.quotes.set(instrument, quote);
    if (!this.subscribed.has(instrument)) return;
    for (const text of this.words.told(instrument, quote, this.nowMs())) this.peer?.text(text);
  }

  say(text: string): void {
    this.peer?.text(text);
  }

  cut(): void {
    this.peer?.cut();
  }
}
