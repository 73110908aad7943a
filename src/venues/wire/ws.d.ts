// What is used of the package `ws`, which brings no types: a WebSocket as browsers have it, with bounds of its own.
declare module "ws" {
  export interface ClientOptions {
    /** How long the other side may take to answer a close, before the connection is cut. In ms. */
    readonly closeTimeout: number;
    /** Longest message; a longer one ends the connection. In bytes. */
    readonly maxPayload: number;
    readonly perMessageDeflate: boolean;
    readonly followRedirects: boolean;
  }

  export class WebSocket {
    constructor(url: string, options: ClientOptions);
    binaryType: string;
    addEventListener(type: string, listener: (event: never) => void): void;
    on(event: "ping" | "pong", listener: () => void): void;
    send(text: string): void;
    ping(): void;
    close(): void;
  }
}
