// What kill does at the venue: cancels at once everything that could add risk. Reduce-only stops stay unless all
// is asked for: they are what still protects a position. An outcome that is not known is told as such.
import { type Draft, draft, isActive, type Order } from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { CommandOutcome, Venue } from "../venues/index.ts";
import { guarded, problemOf } from "./observe.ts";
import type { AccountWriter } from "./writer.ts";

export interface KillReport {
  readonly canceled: readonly { readonly order: string; readonly outcome: CommandOutcome }[];
  /** Orders that could add risk and that this venue's adapter cannot cancel. */
  readonly uncancelable: readonly string[];
}

export async function cancelRisk(
  writer: AccountWriter,
  venue: Venue,
  runtime: Runtime,
  isAll: boolean,
): Promise<KillReport> {
  const risky = [...writer.book.orders.values()].filter(
    (order) => isActive(order) && (isAll || order.reduceOnly !== true),
  );
  if (!venue.cancel) return { canceled: [], uncancelable: risky.map(nameOf) };
  writer.stage(risky.map((order) => requested(order, runtime.clock.nowMs())));
  await writer.flush();
  const canceled = await Promise.all(
    risky.map(async (order) => ({ order: nameOf(order), outcome: await cancel(venue, order, runtime) })),
  );
  return { canceled, uncancelable: [] };
}

async function cancel(venue: Venue, order: Order, runtime: Runtime): Promise<CommandOutcome> {
  const { instrument, venueOrderId, clientOrderId } = order;
  const command = {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  };
  const call = venue.cancel?.(command) ?? Promise.reject(new Error("this adapter cannot cancel"));
  return guarded(call, runtime).catch((error: unknown) => ({ kind: "unknown", reason: problemOf(error) }));
}

/** That a cancel was asked for is not that it happened: the status stays until the venue's row says so. */
function requested({ orderKey, instrument }: Order, nowMs: number): Draft {
  const change = { cancelRequestedAt: nowMs };
  return draft("order_state_observed", { orderKey, instrument, change, source: "venue" }, "kill");
}

function nameOf(order: Order): string {
  return order.clientOrderId ?? order.venueOrderId ?? order.orderKey;
}
