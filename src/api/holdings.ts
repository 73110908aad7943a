// The routes about what is held beyond the positions themselves: whose each part of them is, and what people noted.
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { strategyLots } from "../core/index.ts";
import { heldNotes } from "../engine/index.ts";
import { inLotMove, inNotes, lotMoveOf, noteOf } from "./holding-requests.ts";
import type { AccountHost } from "./host.ts";

const inLots = z.strictObject({ account: z.string().optional(), strategy: z.string().optional() });
const inHeld = z.strictObject({ account: z.string().optional(), instrument: z.string().optional() });

export interface HoldingRouteOptions {
  readonly pick: (account: string | undefined) => readonly AccountHost[];
  readonly single: (hosts: readonly AccountHost[]) => AccountHost;
  readonly read: <T>(schema: z.ZodType<T>, value: unknown) => T;
}

export function holdingRoutes(app: FastifyInstance, { pick, single, read }: HoldingRouteOptions): void {
  app.get("/v1/lots", async (request) => {
    const { account, strategy } = read(inLots, request.query);
    const books = await Promise.all(pick(account).map((host) => host.book()));
    const lots = books.flatMap((book) =>
      [...book.ledgers.keys()]
        .sort()
        .flatMap((key) => strategyLots(book, key).map((lot) => ({ account: book.account, ...lot }))),
    );
    return { lots: lots.filter((lot) => strategy === undefined || lot.strategy === strategy) };
  });
  app.post("/v1/positions/attribute", async (request) => {
    const asked = read(inLotMove, request.body);
    return single(pick(asked.account)).moveLot(lotMoveOf(asked));
  });
  app.get("/v1/notes", async (request) => {
    const { account, instrument } = read(inHeld, request.query);
    const books = await Promise.all(pick(account).map((host) => host.book()));
    const notes = books.flatMap(heldNotes);
    return { notes: notes.filter((one) => instrument === undefined || one.instrument === instrument) };
  });
  app.put("/v1/notes", async (request) => {
    const asked = read(inNotes, request.body);
    return single(pick(asked.account)).note(noteOf(asked));
  });
}
