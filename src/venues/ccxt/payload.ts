// Which profile a recorded payload is for: the hint says it by the exchange's name, else the shape does.
import type { ReadPayload } from "../payload.ts";
import { isHyperliquid } from "./hyperliquid/payload.ts";
import { isOkx } from "./okx/payload.ts";
import { PROFILES, profileOf } from "./profiles.ts";

export const readPayload: ReadPayload = (payload, hint = "") => {
  const named = PROFILES.find(({ exchange }) => hint.toLowerCase().includes(exchange));
  const byShape = isOkx(payload) ? "okx" : isHyperliquid(payload) ? "hyperliquid" : undefined;
  const profile = named ?? (byShape === undefined ? undefined : profileOf(byShape));
  if (profile) return profile.readPayload(payload, hint);
  const names = PROFILES.map(({ exchange }) => exchange).join(", ");
  const problem = `no profile knows a payload like this; say which exchange it is of: ${names}`;
  return { takenFor: null, items: [{ kind: "problem", problem }] };
};
