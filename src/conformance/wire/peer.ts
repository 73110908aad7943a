// The server's end of a WebSocket, as much of RFC 6455 as a bench needs: the handshake, frames both ways, and what a real
// server does wrong, which libraries do not let one do.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** @see https://www.rfc-editor.org/rfc/rfc6455#section-1.3 (read 2026-11) */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export class WebSocketPeer {
  onText: (text: string) => void = () => undefined;
  onClosed: () => void = () => undefined;
  /** Whether a ping of the protocol is answered. */
  mayPong: () => boolean = () => true;
  private readonly socket: Duplex;
  private buffered: Buffer = Buffer.alloc(0);

  constructor(request: IncomingMessage, socket: Duplex) {
    this.socket = socket;
    const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${MAGIC}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    );
    socket.on("data", (chunk: Buffer) => this.read(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.onClosed());
  }

  text(text: string): void {
    this.write(TEXT, Buffer.from(text));
  }

  /** As some venues send their JSON. */
  binary(bytes: string | Buffer): void {
    this.write(BINARY, Buffer.from(bytes));
  }

  close(code = 1000): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.write(CLOSE, payload);
    this.socket.end();
  }

  /** Without a word, as a cable that is cut. */
  cut(): void {
    this.socket.destroy();
  }

  private write(opcode: number, payload: Buffer): void {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    if (length < 126) head[1] = length;
    else if (length < 65_536) {
      head[1] = 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    this.socket.write(Buffer.concat([head, payload]));
  }

  private read(chunk: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, chunk]);
    for (let frame = this.next(); frame; frame = this.next()) {
      if (frame.opcode === TEXT) this.onText(frame.payload.toString("utf8"));
      if (frame.opcode === PING && this.mayPong()) this.write(PONG, frame.payload);
      if (frame.opcode === CLOSE) this.close();
    }
  }

  /** A client's frame is masked, short or of 16 bits' length; longer ones are not sent here. */
  private next(): { opcode: number; payload: Buffer } | undefined {
    const short = (this.buffered[1] ?? 0) & 0x7f;
    const start = short === 126 ? 8 : 6;
    if (this.buffered.length < start) return undefined;
    const length = short === 126 ? this.buffered.readUInt16BE(2) : short;
    if (this.buffered.length < start + length) return undefined;
    const mask = this.buffered.subarray(start - 4, start);
    const payload = Buffer.from(this.buffered.subarray(start, start + length));
    for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
    const opcode = (this.buffered[0] ?? 0) & 0x0f;
    this.buffered = this.buffered.subarray(start + length);
    return { opcode, payload };
  }
}
