import pg from 'pg';

/** SQLSTATE classes of invalid data and violated constraints: one bad row must not fail the rows written with it. */
const DATA_ERROR = /^2[23]/;

/** Whether PostgreSQL refused the data of a statement, which fails in the same way each time. */
export const isDataError = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && DATA_ERROR.test(error.code ?? '');

/**
 * Group commit: calls made while a write is running are written together by the next one; a single call does not wait.
 * `write` returns one answer per item, in order. If it fails with a data error, each item is retried by itself.
 */
export function grouped<T, R>(
  write: (items: readonly T[]) => Promise<R[]>,
  { max }: { max: number },
): (item: T) => Promise<R> {
  type Call = { item: T; resolve: (answer: R) => void; reject: (error: unknown) => void };
  const waiting: Call[] = [];
  let writing = false;

  async function answer(calls: Call[]): Promise<void> {
    try {
      const answers = await write(calls.map(({ item }) => item));
      if (answers.length !== calls.length) throw new Error(`${answers.length} answers to ${calls.length} calls`);
      for (const [i, result] of answers.entries()) calls[i]?.resolve(result);
    } catch (error) {
      const retry = calls.length > 1 && isDataError(error);
      if (retry) for (const call of calls) await answer([call]);
      else for (const { reject } of calls) reject(error);
    }
  }

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) await answer(waiting.splice(0, max));
    writing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // Deferred, so that calls made in the same tick share a write.
      if (!writing) {
        writing = true;
        setImmediate(writeAll);
      }
    });
}
