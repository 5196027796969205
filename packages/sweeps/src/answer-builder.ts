/** Computes answers: those of large sweeps in a thread, since the event loop must not wait for them. */
import { type AnswerInput, buildAnswer } from '@ablate/answers';
import type { Answer } from '@ablate/contracts';
import { openPool, type Pool } from '@ablate/data/threads';

/** Values of runs above which an answer takes more than some ten milliseconds. */
const LARGE = 2_000;

export type AnswerBuilder = {
  build(input: AnswerInput): Promise<Answer>;
  /** Ends the thread. */
  close(): Promise<void>;
};

/** The thread starts with the first large sweep. */
export function openAnswerBuilder(): AnswerBuilder {
  let pool: Pool<AnswerInput, Answer> | undefined;
  return {
    async build(input) {
      let values = 0;
      for (const ofConfig of input.values.values()) values += ofConfig.size;
      if (values <= LARGE && input.configs.length <= LARGE) return buildAnswer(input);
      pool ??= openPool(new URL('build-answer-task.ts', import.meta.url), 1);
      return pool.run(input);
    },
    async close() {
      await pool?.destroy();
      pool = undefined;
    },
  };
}
