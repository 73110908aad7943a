// One price feed made of several, where a venue has one address for each kind of market. A gap in one of them is a gap; it is
// live again when each that has something to follow is.
import type { PriceEvent, PriceFeed } from "../venue.ts";

/** Which part an instrument belongs to; or why it belongs to none. */
export type RouteOf<Route extends string> = (instrument: string) => Route | { readonly refused: string };

export function routedFeed<Route extends string>(
  routeOf: RouteOf<Route>,
  open: (route: Route, listener: (event: PriceEvent) => void) => PriceFeed,
  listener: (event: PriceEvent) => void,
): PriceFeed {
  const parts = new Map<Route, PriceFeed>();
  const down = new Set<Route>();
  const followed = () => [...parts.values()].flatMap((part) => part.followed());
  const hear = (route: Route, event: PriceEvent) => {
    if (event.kind === "gap") down.add(route);
    if (event.kind !== "live") {
      listener(event);
      return;
    }
    down.delete(route);
    if (down.size === 0) listener({ kind: "live", instruments: followed() });
  };
  return {
    follow: (instruments) => {
      const byRoute = new Map<Route, string[]>([...parts.keys()].map((route) => [route, []]));
      for (const instrument of new Set(instruments)) {
        const route = routeOf(instrument);
        if (typeof route !== "string") {
          listener({ kind: "refused", instrument, reason: route.refused });
          continue;
        }
        const own = byRoute.get(route);
        if (own) own.push(instrument);
        else byRoute.set(route, [instrument]);
      }
      for (const [route, own] of byRoute) {
        const part = parts.get(route) ?? open(route, (event) => hear(route, event));
        parts.set(route, part);
        // A part that follows nothing is not down.
        if (own.length === 0) down.delete(route);
        part.follow(own);
      }
    },
    followed,
    close: async () => {
      await Promise.all([...parts.values()].map((part) => part.close()));
    },
  };
}
