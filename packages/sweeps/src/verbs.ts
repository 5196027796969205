/** Which states of a run and of a sweep accept which verb. Each verb asks this table in the transaction in which it writes. */
import { RunState, type SweepState } from '@ablate/contracts';
import { lockDispatch, queryRows } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import { refusal } from './refusal.ts';
import { lockedState } from './sweep-view.ts';

/** In every other state the verb is refused (`conflict`) and changes nothing. */
export const RUN_VERBS = {
  /** Idempotent: a cancelled run stays cancelled. */
  cancelled: ['queued', 'running', 'cancelled'],
  paused: ['queued', 'running'],
  resumed: ['queued', 'running'],
  retried: ['failed', 'cancelled'],
} as const satisfies Record<string, readonly RunState[]>;

/** In every other state the verb is refused (`conflict`) and changes nothing. */
export const SWEEP_VERBS = {
  changed: ['queued', 'running', 'paused', 'finished', 'cancelled'],
  /** Idempotent: a cancelled sweep stays cancelled. */
  cancelled: ['queued', 'running', 'paused', 'cancelled'],
  paused: ['queued', 'running', 'paused'],
  resumed: ['queued', 'running', 'paused'],
  /** Refused, too, if none of its runs can be retried. */
  retried: ['queued', 'running', 'paused', 'finished', 'cancelled'],
} as const satisfies Record<string, readonly SweepState[]>;

const accepts = <State>(states: readonly State[], state: State): boolean => states.includes(state);

const Row = z.object({ state: RunState, sweepId: z.string() });

/**
 * Begins a verb on a run: takes the dispatch lock, then the run's row. Runs are locked before their outbox rows, as everywhere.
 * Refuses an unknown id (`not_found`) and a state that does not accept the verb (`conflict`).
 */
export async function lockRun(
  client: pg.PoolClient,
  runId: string,
  verb: keyof typeof RUN_VERBS,
): Promise<z.infer<typeof Row>> {
  await lockDispatch(client);
  const [run] = await queryRows(client, Row, 'SELECT state, sweep_id AS "sweepId" FROM run WHERE id = $1 FOR UPDATE', [
    runId,
  ]);
  if (run === undefined) throw refusal.unknown('run', runId);
  if (!accepts<RunState>(RUN_VERBS[verb], run.state)) throw refusal.inState('run', run.state, verb, RUN_VERBS[verb]);
  return run;
}

/** As `lockRun`, for a sweep: its runs are not locked, and may go on meanwhile. */
export async function lockSweep(
  client: pg.PoolClient,
  sweepId: string,
  verb: keyof typeof SWEEP_VERBS,
): Promise<SweepState> {
  await lockDispatch(client);
  const state = await lockedState(client, sweepId);
  if (state === undefined) throw refusal.unknown('sweep', sweepId);
  if (!accepts<SweepState>(SWEEP_VERBS[verb], state)) throw refusal.inState('sweep', state, verb, SWEEP_VERBS[verb]);
  return state;
}
