// The alert channel that is always there: the structured log.
import type { Log } from "../runtime/index.ts";
import type { Alert, AlertChannel } from "./alert.ts";

export function logChannel(log: Log): AlertChannel {
  return {
    name: "log",
    async send(alert: Alert): Promise<void> {
      const { account, kind, subject, evidence } = alert;
      log.event("warn", "alert.raised", { account, kind, subject, evidence }, alert.text);
    },
  };
}
