// The orders that this process sent, by both of their names. A help for the time between sending and the first answer; what
// is forgotten is recognised by its hash (recognise.ts).
import type { OrderRow } from "../../core/index.ts";

/** Orders that are remembered; the oldest goes first. */
const REMEMBERED_MAX = 10_000;

export class OwnOrders {
  private readonly hashes = new Map<string, string>();
  private readonly names = new Map<string, string>();

  /** Before it is sent. */
  remember(clientOrderId: string, hash: string): void {
    this.hashes.set(clientOrderId, hash);
    this.names.set(hash.toLowerCase(), clientOrderId);
    if (this.hashes.size <= REMEMBERED_MAX) return;
    const [oldest] = this.hashes;
    if (oldest === undefined) return;
    this.hashes.delete(oldest[0]);
    this.names.delete(oldest[1].toLowerCase());
  }

  /** It was refused, or not sent after all: it may be sent again. */
  forget(clientOrderId: string): void {
    const hash = this.hashes.get(clientOrderId);
    this.hashes.delete(clientOrderId);
    if (hash !== undefined) this.names.delete(hash.toLowerCase());
  }

  hashOf(clientOrderId: string): string | undefined {
    return this.hashes.get(clientOrderId);
  }

  nameOf(hash: string): string | undefined {
    return this.names.get(hash.toLowerCase());
  }

  /** The row with the name that its order was sent under, where it was. */
  named<Row extends Pick<OrderRow, "venueOrderId">>(row: Row): Row & { readonly clientOrderId?: string } {
    const clientOrderId = row.venueOrderId === undefined ? undefined : this.nameOf(row.venueOrderId);
    return clientOrderId === undefined ? row : { ...row, clientOrderId };
  }
}
