// The stream of the local Alpaca: authorizes, acknowledges what is listened to, sends trade updates in binary frames,
// and misbehaves on command. Frames are as documented and as recorded in 2026 (see ../../../src/venues/alpaca/frames.ts).
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketPeer } from "../../../src/conformance/wire/peer.ts";
import type { Row } from "./state.ts";

export interface StreamFaults {
  /** Connections are taken and then nothing is answered, not even an authorization. */
  isMute?: boolean;
  /** Listening is acknowledged; no update goes out. */
  isSilent?: boolean;
  /** The keys are refused. */
  isUnauthorized?: boolean;
  /** What an acknowledgement names instead of the stream. */
  acknowledges?: string[];
  /** Acknowledgements are held back until `release()`. */
  isSlow?: boolean;
  /** Connections are refused with HTTP 503. */
  isDown?: boolean;
}

interface Client {
  readonly peer: WebSocketPeer;
  isAuthorized: boolean;
  isListening: boolean;
}

export class AlpacaStream {
  faults: StreamFaults = {};
  /** Every message of every client, in order; keys in them are those of the test. */
  readonly received: Row[] = [];
  private readonly clients = new Set<Client>();
  private readonly held: (() => void)[] = [];
  private waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];
  private readonly keyId: string;
  private readonly secret: string;

  constructor(keyId: string, secret: string) {
    this.keyId = keyId;
    this.secret = secret;
  }

  get listeners(): number {
    return [...this.clients].filter(({ isListening }) => isListening).length;
  }

  get connections(): number {
    return this.clients.size;
  }

  accept(request: IncomingMessage, socket: Duplex): void {
    if (this.faults.isDown) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const client: Client = {
      peer: new WebSocketPeer(request, socket),
      isAuthorized: false,
      isListening: false,
    };
    this.clients.add(client);
    client.peer.onText = (text) => {
      this.take(client, JSON.parse(text) as Row);
      this.look();
    };
    client.peer.onClosed = () => {
      this.clients.delete(client);
      this.look();
    };
  }

  /** To every client that listens. */
  update(data: Row): void {
    if (!this.faults.isSilent) this.raw(JSON.stringify({ stream: "trade_updates", data }));
  }

  /** Anything at all, as a binary frame. */
  raw(bytes: string | Buffer): void {
    for (const { peer, isListening } of this.clients) if (isListening) peer.binary(bytes);
  }

  rawText(text: string): void {
    for (const { peer, isListening } of this.clients) if (isListening) peer.text(text);
  }

  close(code: number): void {
    for (const { peer } of this.clients) peer.close(code);
  }

  cut(): void {
    for (const { peer } of this.clients) peer.cut();
  }

  /** Sends the acknowledgements that were held back. */
  release(): void {
    for (const send of this.held.splice(0)) send();
  }

  /** Resolves when something is true of the stream; looked at whenever something happens on it. */
  until(isDone: (stream: AlpacaStream) => boolean): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ isDone: () => isDone(this), done });
      this.look();
    });
  }

  private look(): void {
    const done = this.waiting.filter(({ isDone }) => isDone());
    this.waiting = this.waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  private take(client: Client, message: Row): void {
    this.received.push(message);
    if (this.faults.isMute) return;
    if (message.action === "auth") this.authorize(client, message);
    else if (message.action === "listen") this.listen(client, message);
    else client.peer.binary(JSON.stringify({ action: "error", data: { error_message: "unknown action" } }));
  }

  private authorize(client: Client, { key, secret }: Row): void {
    client.isAuthorized = !this.faults.isUnauthorized && key === this.keyId && secret === this.secret;
    const status = client.isAuthorized ? "authorized" : "unauthorized";
    client.peer.binary(JSON.stringify({ stream: "authorization", data: { action: "authenticate", status } }));
  }

  private listen(client: Client, { data }: Row): void {
    if (!client.isAuthorized) {
      const refusal = { action: "listen", status: "unauthorized" };
      client.peer.binary(JSON.stringify({ stream: "authorization", data: refusal }));
      return;
    }
    const streams = this.faults.acknowledges ?? (data as { streams: string[] }).streams;
    const acknowledge = () => {
      client.isListening = streams.includes("trade_updates");
      client.peer.binary(JSON.stringify({ stream: "listening", data: { streams } }));
      this.look();
    };
    if (this.faults.isSlow) this.held.push(acknowledge);
    else acknowledge();
  }
}
