// The private stream of the local Bybit: authorizes, acknowledges topics, answers pings, sends what a test says, and
// misbehaves on command. Messages are as documented (https://bybit-exchange.github.io/docs/v5/ws/connect, read 2026-11).
import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketPeer } from "../../../src/conformance/wire/peer.ts";
import type { Row } from "./rows.ts";

export interface StreamFaults {
  isMute?: boolean;
  /** No pong, though everything else goes on. */
  isDeaf?: boolean;
  /** This topic is refused. */
  refuses?: string;
  /** This topic is never acknowledged. */
  forgets?: string;
}

export class BybitStream {
  faults: StreamFaults = {};
  readonly received: Row[] = [];
  private readonly peers = new Set<WebSocketPeer>();
  private readonly key: string;
  private readonly secret: string;

  constructor(key: string, secret: string) {
    this.key = key;
    this.secret = secret;
  }

  get connections(): number {
    return this.peers.size;
  }

  accept(request: IncomingMessage, socket: Duplex): void {
    const peer = new WebSocketPeer(request, socket);
    this.peers.add(peer);
    peer.onClosed = () => this.peers.delete(peer);
    peer.onText = (text) => this.hear(peer, JSON.parse(text) as Row);
  }

  /** To everybody. */
  topic(topic: string, data: readonly Row[]): void {
    this.text(JSON.stringify({ id: "1", topic, creationTime: 1_777_000_000_000, data }));
  }

  text(text: string): void {
    for (const peer of this.peers) peer.text(text);
  }

  cut(): void {
    for (const peer of this.peers) peer.cut();
  }

  private hear(peer: WebSocketPeer, message: Row): void {
    this.received.push(message);
    if (this.faults.isMute) return;
    const { op, args, req_id } = message;
    const answer = (more: Row) => peer.text(JSON.stringify({ op, req_id, conn_id: "local-1", ...more }));
    if (op === "auth") {
      const [key, expires, signature] = args as [string, number, string];
      const expected = createHmac("sha256", this.secret).update(`GET/realtime${expires}`).digest("hex");
      const isGood = key === this.key && signature === expected && expires > Date.parse("2020-01-01");
      answer({ success: isGood, ret_msg: isGood ? "" : `Params Error ${key}` });
    } else if (op === "subscribe") {
      const [topic] = args as [string];
      if (topic === this.faults.forgets) return;
      const isRefused = topic === this.faults.refuses;
      answer({ success: !isRefused, ret_msg: isRefused ? "topic is not allowed" : "" });
    } else if (op === "ping" && !this.faults.isDeaf) {
      peer.text(JSON.stringify({ req_id, op: "pong", args: ["1675418560633"], conn_id: "local-1" }));
    }
  }
}
