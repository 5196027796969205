/** Sweeps for tests: real configs, and the messages that a trainer would send about them. */
import assert from 'node:assert/strict';
import { type CheckpointFile, type Progress, type RunJob, type RunResult, Spec } from '@ablate/contracts';
import { claimRun, type Database, dispatch, type Started } from '@ablate/db';
import { expand } from '@ablate/search';
import { createSweep, localContext } from '@ablate/sweeps';
import type { z } from 'zod';

type SweepOptions = { name?: string; configs?: number; seeds?: number } & Partial<
  Pick<z.input<typeof Spec>, 'owner' | 'priority' | 'limits' | 'budget' | 'train'>
>;

/** A sweep of `configs` depths and `seeds` seeds. */
export async function newSweep(db: Database, { name = 'test', configs = 1, seeds = 1, ...more }: SweepOptions = {}) {
  const spec = Spec.parse({
    version: 1,
    name,
    ...more,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    space: { 'model.depth': Array.from({ length: configs }, (_, i) => i + 1) },
  });
  const expansion = expand(spec);
  assert.ok('points' in expansion);
  return createSweep(localContext(db), { spec, points: expansion.points });
}

/** Dispatches the waiting runs and returns those of the sweep, by position. */
export async function waitingJobs(db: Database, sweepId: string): Promise<RunJob[]> {
  await dispatch(db, { window: 100_000, room: 100_000 });
  const { rows } = await db.pool.query<RunJob>(
    `SELECT run_id AS "runId", attempt FROM outbox WHERE sweep_id = $1 AND dispatched_at IS NOT NULL ORDER BY position`,
    [sweepId],
  );
  return rows;
}

/** Claims an attempt at once, without the backoff after a loss. */
export async function claim(db: Database, job: RunJob, worker = 'test') {
  await db.pool.query('UPDATE outbox SET not_before = NULL WHERE run_id = $1', [job.runId]);
  await dispatch(db, { window: 100_000, room: 100_000 });
  return claimRun(db, { ...job, worker });
}

/** The first attempt of a new sweep of one run, claimed. */
export async function claimedJob(db: Database): Promise<RunJob> {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  assert.ok(job);
  assert.ok(await claimRun(db, { ...job, worker: 'test' }));
  return job;
}

export const RESULT: RunResult = {
  valAccuracy: 0.5,
  valLoss: 1.5,
  trainAccuracy: 0.75,
  testAccuracy: 0.25,
  testLoss: Number.NaN,
  bestEpoch: 2,
  samplesPerSecond: 100,
};

export const STARTED: Started = {
  totalSteps: 100,
  epochs: 4,
  parameters: 5_000_000_000,
  datasetHash: 'abc',
  resumedFrom: null,
  compiled: true,
  notes: [],
  environment: {
    code: '0123abc+',
    lockfile: 'fff',
    node: '20.19.0',
    tensorflow: '2.21.0',
    device: 'CPU',
    instructionSets: ['avx2', 'fma'],
    oneDnn: true,
    precision: 'fp32',
    threads: 2,
  },
};

export const PROGRESS: Progress = {
  step: 10,
  totalSteps: 100,
  epoch: 0.4,
  epochs: 4,
  loss: null,
  samplesPerSecond: 100,
  secondsLeft: 9,
};

export const checkpoint = (kind: CheckpointFile['kind'], step: number): CheckpointFile => ({
  kind,
  file: `${kind}-${step}.safetensors`,
  sha256: 'a'.repeat(64),
  bytes: 3_000_000_000,
  step,
  epoch: 1,
  valAccuracy: kind === 'best' ? 0.5 : null,
});

/** Queued runs without exactly one outbox row for their next attempt, and outbox rows of other runs. Must always be empty. */
export async function outboxFaults(db: Database): Promise<unknown[]> {
  const { rows } = await db.pool.query(
    `SELECT run.id, run.state, run.attempt, outbox.attempt AS next FROM run FULL JOIN outbox ON outbox.run_id = run.id
     WHERE (run.state = 'queued') IS DISTINCT FROM (outbox.run_id IS NOT NULL) OR outbox.attempt <> run.attempt + 1`,
  );
  return rows;
}
