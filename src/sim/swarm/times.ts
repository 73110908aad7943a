// Quantities of a simulated bot: whole steps of an instrument, without arithmetic of the engine's.
import { type Decimal, decimal } from "../../core/index.ts";

/** A power of ten that many times, by its digits alone. */
export function times(step: Decimal, count: number): Decimal {
  if (!step.startsWith("0.")) return decimal(String(count) + step.slice(1));
  const digits = step.length - 2;
  const text = String(count).padStart(digits + 1, "0");
  return decimal(`${text.slice(0, -digits)}.${text.slice(-digits)}`);
}
