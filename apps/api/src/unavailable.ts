/** Distinguishes an unavailable service, and a value that the database refuses, from a bug. */

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

/** PostgreSQL: data exceptions. Prisma: a value is out of range, invalid, or does not fit. */
const DATA = /^(22[0-9A-Z]{3}|P2000|P2007|P2020|P2023|P2033)$/;

/** Whether the error, or one of its causes, means that the database cannot hold or compare a value. */
export function isDataError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (hasCode(error) && DATA.test(String(error.code))) || isDataError(error.cause);
}
