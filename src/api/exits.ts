// The exit routes: what would close each position, and what a person says about when. A plan that cannot be set is an
// answer like any other (status 200): `isSet` tells, never the status.
import type { FastifyInstance } from "fastify";
import { exitsReport } from "../engine/index.ts";
import { clearOf, exitPlanOf, inExitClear, inExitSet, inExits } from "./exit-requests.ts";
import type { OrderRouteOptions } from "./orders.ts";

export function exitRoutes(app: FastifyInstance, { pick, read }: OrderRouteOptions): void {
  app.get("/v1/exits", async (request) => {
    const { account } = read(inExits, request.query);
    const host = pick(account);
    return exitsReport(await host.book());
  });
  app.post("/v1/exits/set", async (request) => {
    const { account, by, asked } = exitPlanOf(read(inExitSet, request.body));
    return pick(account).setExitPlan(asked, by);
  });
  app.post("/v1/exits/clear", async (request) => {
    const { account, by, asked } = clearOf(read(inExitClear, request.body));
    return pick(account).setExitPlan(asked, by);
  });
}
