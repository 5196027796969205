/** Distinguishes an unavailable service, and a value that the database refuses, from a bug. */
import { z } from 'zod';

const CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'],
  // PostgreSQL: shutting down, crashed, starting, idle timeout of a frozen process, too many connections, connection failures.
  ...['57P01', '57P02', '57P03', '25P03', '53300', '08000', '08003', '08006'],
  // Prisma: cannot reach, timed out reaching, connection closed, pool exhausted.
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'],
]);
const MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Connection is closed/;

const hasCode = (error: Error): error is Error & { code: unknown } => 'code' in error;

/** Whether the error, or one of its causes, means that a service cannot be reached. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (hasCode(error) && CODES.has(String(error.code))) return true;
  if (MESSAGES.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  return isUnavailable(error.cause);
}

/** SQLSTATE: text too long, number out of range, invalid date, date out of range, NUL, invalid value, NUL in JSON. */
const DATA = new Set(['22001', '22003', '22007', '22008', '22021', '22P02', '22P05']);

/** An error of pg or of Prisma, whose driver keeps PostgreSQL's code. */
const SqlError = z.looseObject({
  code: z.unknown().optional(),
  originalCode: z.unknown().optional(),
  cause: z.unknown().optional(),
  meta: z.looseObject({ driverAdapterError: z.unknown().optional() }).optional(),
});

/** Whether the error, or one of its causes, means that the database cannot hold or compare a value. */
export function isDataError(error: unknown): boolean {
  const parsed = SqlError.safeParse(error);
  if (!parsed.success) return false;
  const { code, originalCode, cause, meta } = parsed.data;
  return DATA.has(String(originalCode ?? code)) || isDataError(cause) || isDataError(meta?.driverAdapterError);
}
