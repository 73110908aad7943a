// Errors of the API: one shape, {"error":{"code","message"}}, and codes of our own for all of them, also for what the
// HTTP server refuses before a route is asked. The codes are in docs/errors.md.
import type { FastifyReply, FastifyRequest } from "fastify";
import { AccountStopped, ChangeError, PlanError } from "../engine/index.ts";
import type { Log } from "../runtime/index.ts";

/** The longest body that is read. */
export const BODY_BYTES_MAX = 64 * 1_024;

export class ApiError extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.statusCode = statusCode;
    this.code = code;
  }
}

/** What was asked for is wrong; every other refusal of a plan, undo or release is 409: what is does not allow it. */
const PLAN_STATUS: Readonly<Partial<Record<PlanError["code"], number>>> = {
  no_such_plan: 404,
  no_such_repair: 404,
  plan_unreadable: 422,
  plan_tampered: 422,
  plan_of_other_account: 422,
  plan_empty: 422,
  plan_not_confirmed: 422,
  plan_wrong_rows: 422,
};

const CHANGE_STATUS: Readonly<Record<ChangeError["code"], number>> = {
  bad_lot_move: 422,
  bad_note: 422,
  no_such_strategy: 422,
  no_such_lot: 409,
  lot_too_small: 409,
  not_held: 409,
};

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const told = knownError(error) ?? internalError(error, `${request.method} ${pathOf(request)}`, log);
  reply.code(told.statusCode).send(documentOf(told));
}

/** An error that was foreseen, or that the request is to blame for. */
export function knownError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof AccountStopped) return new ApiError(503, "account_stopped", error.message);
  if (error instanceof ChangeError) return new ApiError(CHANGE_STATUS[error.code], error.code, error.message);
  if (error instanceof PlanError)
    return new ApiError(PLAN_STATUS[error.code] ?? 409, error.code, error.message);
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown };
  return typeof statusCode === "number" && statusCode < 500 ? bodyError(statusCode, error) : undefined;
}

/** What the HTTP server finds wrong with a body that no route has seen yet. */
function bodyError(statusCode: number, error: unknown): ApiError {
  switch (statusCode) {
    case 413:
      return new ApiError(413, "body_too_long", `a body is at most ${BODY_BYTES_MAX} bytes`);
    case 415:
      return new ApiError(
        415,
        "wrong_content_type",
        "send JSON with the header content-type: application/json",
      );
    default: {
      const found = error instanceof Error ? error.message : String(error);
      return new ApiError(400, "bad_body", `the body is not JSON as announced: ${found}`);
    }
  }
}

export function internalError(error: unknown, what: string, log: Log): ApiError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.event("error", "api.failed", { what }, text);
  return new ApiError(500, "internal", "an error of ours; see the log");
}

interface Connection {
  readonly destroyed: boolean;
  readonly writable: boolean;
  write(text: string): unknown;
  destroy(): unknown;
}

/** What is no HTTP, or never arrives, is answered in the same shape and ends the connection. */
export function answerBroken({ code }: { readonly code?: string }, connection: Connection): void {
  if (code === "ECONNRESET" || connection.destroyed) return;
  const told = connectionError(code);
  const body = JSON.stringify(documentOf(told));
  const head = [
    `HTTP/1.1 ${told.statusCode} `,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  if (connection.writable) connection.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  connection.destroy();
}

function connectionError(code: string | undefined): ApiError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ApiError(408, "too_slow", "the request did not arrive in time; send it at once");
    case "HPE_HEADER_OVERFLOW":
      return new ApiError(
        431,
        "headers_too_long",
        "the headers are too long; the token and x-trueup are enough",
      );
    default:
      return new ApiError(400, "bad_http", "this is no HTTP request that can be read");
  }
}

export function documentOf({ code, message }: ApiError): { readonly error: object } {
  return { error: { code, message } };
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "";
}
