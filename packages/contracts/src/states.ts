/** The closed lists of states and causes, shared by every process. */
import { z } from 'zod';

/** States of a run. `queued → running → succeeded | failed | cancelled | pruned`; the last four are final. */
export const RunState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'pruned']);
export type RunState = z.infer<typeof RunState>;

/** Final states: only a user's retry leaves them. */
export const FINISHED_STATES = ['succeeded', 'failed', 'cancelled', 'pruned'] as const satisfies readonly RunState[];

export const isFinished = (state: RunState): boolean => (FINISHED_STATES as readonly RunState[]).includes(state);

/** How an attempt ended. */
export const Cause = z.enum([
  'completed',
  'user_error',
  'diverged',
  'out_of_memory',
  'lost',
  'preempted',
  'cancelled',
  'superseded',
]);
export type Cause = z.infer<typeof Cause>;

/** The state of a sweep, derived from the states of its runs and from pause and cancel requests. */
export const SweepState = z.enum(['queued', 'running', 'paused', 'finished', 'cancelled']);
export type SweepState = z.infer<typeof SweepState>;
