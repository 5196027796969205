/** Draws sprites in a thread that stays: a reader opens one cell after the other. */
import { openPool, type Pool } from '../threads/pool.ts';
import type { SpriteRequest, SpriteResult } from './sprite.ts';

export type Sprites = {
  /** Rejects when `signal` aborts. */
  draw(request: SpriteRequest, signal: AbortSignal): Promise<SpriteResult>;
  close(): Promise<void>;
};

/** The thread starts with the first sprite. */
export function openSprites(): Sprites {
  let pool: Pool<SpriteRequest, SpriteResult> | undefined;
  const end = async () => {
    const ended = pool;
    pool = undefined;
    await ended?.destroy();
  };
  return {
    async draw(request, signal) {
      pool ??= openPool(new URL('sprite-task.ts', import.meta.url), 1);
      try {
        return await pool.run(request, { signal });
      } catch (error) {
        if (!signal.aborted) await end(); // the thread has died, and the pool with it
        throw error;
      }
    },
    close: end,
  };
}
