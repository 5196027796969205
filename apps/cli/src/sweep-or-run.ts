/** Commands that take the id of a sweep or of a run: both are UUIDs, so only the API can tell them apart. */
import { Refused } from '@ablate/client';

/** The result of `sweep`, or, if the API does not find a sweep, of `run`. */
export async function sweepOrRun<S, R>(
  sweep: () => Promise<S>,
  run: () => Promise<R>,
): Promise<{ sweep: S } | { run: R }> {
  try {
    return { sweep: await sweep() };
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) throw error;
    return { run: await run() };
  }
}
