import pg from 'pg';

/** Errors of the data itself: one bad row must not cost those that were written with it. */
const OF_THE_DATA = /^2[23]/;

/**
 * Group commit: calls that come while a write is under way are made together by the next one. Alone, a call waits for
 * nobody. `write` answers its items in their order; where it fails for what it was given, each is written by itself.
 */
export function grouped<T, R>(
  write: (items: readonly T[]) => Promise<R[]>,
  { most }: { most: number },
): (item: T) => Promise<R> {
  type Call = { item: T; resolve: (answer: R) => void; reject: (error: unknown) => void };
  const waiting: Call[] = [];
  let writing = false;

  async function answer(calls: Call[]): Promise<void> {
    try {
      const answers = await write(calls.map(({ item }) => item));
      if (answers.length !== calls.length) throw new Error(`${answers.length} answers to ${calls.length} calls`);
      for (const [i, said] of answers.entries()) calls[i]?.resolve(said);
    } catch (error) {
      const apart = calls.length > 1 && error instanceof pg.DatabaseError && OF_THE_DATA.test(error.code ?? '');
      if (apart) for (const call of calls) await answer([call]);
      else for (const { reject } of calls) reject(error);
    }
  }

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) await answer(waiting.splice(0, most));
    writing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // In a moment, so that what is said in one go is written in one go.
      if (!writing) {
        writing = true;
        setImmediate(writeAll);
      }
    });
}
