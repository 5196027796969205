/** Reads and expands specs in threads: a hostile or a large spec takes seconds, and the event loop must not wait for it. */
import { openPool, type Pool } from '@ablate/data/threads';
import type { SpecReading } from '@ablate/search';
import type { SpecResult, SpecTask } from './read-spec-task.ts';
import { refusal } from './refusal.ts';

/** Two, so that one hostile spec does not block the others. */
const THREADS = 2;
/** Characters of the specs that are read or wait: 16 of the largest, or thousands of ordinary ones. */
const MAX_CHARACTERS = 16 * 2 ** 20;
/** A safeguard: the limits of an expansion keep it below ten seconds on an idle core. */
const MAX_SECONDS = 60;

export type SpecReader = {
  /**
   * Reads a spec. Refuses (`busy`) if too many specs wait, or after a minute. Rejects, and frees the thread, when `signal`
   * aborts.
   */
  read(text: string, signal: AbortSignal): Promise<SpecReading>;
  /** The same, with the work of the configs, those that cost the same together. */
  plan(text: string, signal: AbortSignal): Promise<SpecResult>;
  /** Ends the threads and rejects what waits for them. */
  close(): Promise<void>;
};

/** The threads start with the first spec. */
export function openSpecReader(): SpecReader {
  const closing = new AbortController();
  let pool: Pool<SpecTask, SpecResult> | undefined;
  let characters = 0;

  async function replacePool(): Promise<void> {
    const broken = pool;
    pool = undefined;
    await broken?.destroy();
  }

  async function run(task: SpecTask, signal: AbortSignal): Promise<SpecResult> {
    const { length } = task.text;
    if (characters + length > MAX_CHARACTERS) throw refusal.busy('too many specs wait to be read');
    const timeout = AbortSignal.timeout(MAX_SECONDS * 1000);
    characters += length;
    try {
      pool ??= openPool(new URL('read-spec-task.ts', import.meta.url), THREADS);
      return await pool.run(task, { signal: AbortSignal.any([signal, timeout, closing.signal]) });
    } catch (error) {
      if (closing.signal.aborted) throw refusal.busy('the server is shutting down');
      if (timeout.aborted) throw refusal.busy(`the spec was not read within ${MAX_SECONDS} s`);
      if (!signal.aborted) await replacePool(); // a thread has died, and the pool with it
      throw error;
    } finally {
      characters -= length;
    }
  }

  return {
    read: async (text, signal) => (await run({ text, work: false }, signal)).reading,
    plan: (text, signal) => run({ text, work: true }, signal),
    async close() {
      closing.abort();
      await replacePool();
    },
  };
}
