// The structured log on pino: one JSON object a line, stable event names, no secrets. Never throws.
import pino from "pino";
import type { Level, Log } from "../runtime/index.ts";

/** Fields that could ever hold a secret are cut out, wherever they are. */
const SECRET_FIELDS = [
  "token",
  "secret",
  "keyId",
  "authorization",
  "*.token",
  "*.secret",
  "*.keyId",
  "*.authorization",
];

export function pinoLog(level: Level, write: (line: string) => void): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS, remove: true },
    },
    { write },
  );
  return {
    event(eventLevel, name, fields, text) {
      logger[eventLevel]({ event: name, ...fields }, text);
    },
  };
}
