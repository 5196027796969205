/** Turns an error of a request into a problem response. */

import type { Socket } from 'node:net';
import { type PointerComplaint, pointerComplaints, zodComplaints } from '@ablate/contracts';
import { SqlError, type SqlProblem } from '@ablate/sql';
import { Refusal, type RefusalCode } from '@ablate/sweeps';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { ApiError, type ProblemCode, problem } from './errors.ts';
import { isDataError, isUnavailable } from './unavailable.ts';

type Answer = { code: ProblemCode; detail?: string; errors?: PointerComplaint[] };

/** Refusals of the verbs, by their code. */
const REFUSALS: Record<RefusalCode, (message: string, errors?: PointerComplaint[]) => Answer> = {
  not_found: (detail) => ({ code: 'not_found', detail }),
  conflict: (detail) => ({ code: 'conflict', detail }),
  gone: (detail) => ({ code: 'gone', detail }),
  key_reused: (detail) => ({ code: 'key_reused', errors: [{ pointer: '/headers/idempotency-key', detail }] }),
  malformed: (detail) => ({ code: 'malformed', detail }),
  busy: (detail) => ({ code: 'unavailable', detail }),
  invalid_spec: (detail, errors) => ({ code: 'invalid_spec', detail, errors }),
  invalid_parameter: (_, errors) => ({ code: 'invalid_request', errors }),
  bad_cursor: (detail) => ({ code: 'invalid_request', errors: [{ pointer: '/query/cursor', detail }] }),
};

/** Why a statement did not run, by its problem. */
const SQL_PROBLEMS: Record<SqlProblem, ProblemCode> = {
  invalid: 'invalid_sql',
  timeout: 'sql_timeout',
  busy: 'busy',
  unavailable: 'unavailable',
};

/** Errors of Fastify itself, by their status. */
const BY_STATUS: Record<number, ProblemCode> = {
  400: 'malformed',
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media_type',
};

/** The start of a JSON pointer into each part of a request. */
const ROOTS: Record<string, string[]> = { body: [], querystring: ['query'], params: ['params'], headers: ['headers'] };

function answerInvalid(error: ZodError, part: string | undefined): Answer {
  const errors = pointerComplaints(zodComplaints(error, ROOTS[part ?? 'body']));
  return { code: part === 'body' ? 'invalid_body' : 'invalid_request', errors };
}

function answerTo(error: FastifyError | Error): Answer {
  if (error instanceof ApiError) return { code: error.code, detail: error.message, errors: error.errors };
  if (error instanceof Refusal) return REFUSALS[error.code](error.message, error.errors);
  if (error instanceof SqlError) return { code: SQL_PROBLEMS[error.problem], detail: error.message };
  if (error instanceof ZodError && 'validationContext' in error)
    return answerInvalid(error, String(error.validationContext));
  if (isUnavailable(error)) return { code: 'unavailable', detail: 'retry in a few seconds' };
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500)
    return { code: BY_STATUS[status] ?? 'malformed', detail: error.message };
  if (isDataError(error)) return { code: 'invalid_request', detail: 'the database cannot hold a value of the request' };
  return { code: 'internal' };
}

/** Fastify's error handler. Logs errors of status 500 and above. */
export async function answerError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (reply.raw.destroyed) return reply.hijack(); // the client has left
  const { code, detail, errors } = answerTo(error);
  const body = problem(code, request.url, detail, errors);
  if (body.status >= 500) request.log.error({ err: error, url: request.url }, body.title);
  if (code === 'unavailable' || code === 'busy') reply.header('retry-after', '5');
  return reply.code(body.status).type('application/problem+json').send(body);
}

/** What is not HTTP, by the code of Node's error: its status, and what is wrong. */
const CLIENT_ERRORS: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

/** Fastify's handler of requests that are not HTTP, or whose headers are too large: no route and no hook sees them. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, title] = CLIENT_ERRORS[error.code] ?? [400, 'Bad Request'];
  const body = JSON.stringify({ ...problem('malformed', '', error.message), status, title });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
