/** The measurements of Ablate, one function each; each starts with an empty database. */
import { setTimeout as sleep } from 'node:timers/promises';
import { queuePrefix } from '@ablate/contracts';
import { dispatch, installationId } from '@ablate/db';
import { median } from '@ablate/statistics';
import { localContext, nameJobs } from '@ablate/sweeps';
import { pino } from 'pino';
import { openRunQueue } from '../../apps/worker/src/run-queue.ts';
import type { Installation } from './installation.ts';
import { sweepOf } from './specs.ts';

/** Default number of slots: more than cores, since simulated trainers do no work. */
export const SLOTS = 16;

/** Times that a large sweep is submitted. */
const SUBMISSIONS = 7;

/** Duration of the runs of `resultsWritten`, and of the measured window in it. */
const [RESULT_SECONDS, WINDOW_SECONDS] = [30, 15];

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

/**
 * A sweep of `runs` runs: seconds to check it, to accept it in addition, several times in an empty database, and to put all of it in
 * the queue.
 */
export async function submission({ db, redisUrl, ask, submit, clear, apiPeakMiB }: Installation, runs: number) {
  const spec = sweepOf({ name: 'submission', runs, results: 1 });
  const checks: number[] = [];
  for (let i = 0; i < 3; i++) {
    const begun = performance.now();
    const { status } = await ask('POST', '/api/v1/sweeps?dryRun=true', spec);
    if (status !== 200) throw new Error('the dry run was rejected');
    checks.push(secondsSince(begun));
  }
  const answered: number[] = [];
  for (let i = 0; i < SUBMISSIONS; i++) {
    await clear();
    const begun = performance.now();
    await submit(spec);
    answered.push(secondsSince(begun));
  }

  const queue = openRunQueue(
    { url: redisUrl, prefix: queuePrefix(await installationId(db)) },
    pino({ level: 'silent' }),
  );
  const filled = performance.now();
  for (let held = 0; held < runs; ) {
    const { jobs } = await dispatch(db, { window: 5_000, room: 5_000 });
    if (jobs.length === 0) throw new Error('the dispatcher dispatches no more runs');
    await queue.add(await nameJobs(localContext(db), jobs));
    held += jobs.length;
  }
  const queued = secondsSince(filled);
  const waiting = await queue.waiting();
  if (waiting !== runs) throw new Error(`the queue holds ${waiting} jobs of ${runs}`);
  await queue.remove(await queue.waitingIds());
  await queue.close();
  const checked = median(checks);
  return { checked, accepted: answered.map((one) => one - checked), queued, peakMiB: apiPeakMiB() };
}

/** Seconds from submitting a run to its first step, with an idle trainer: median of several. */
export async function latency({ db, submit, worker, allSucceeded }: Installation, times: number): Promise<number> {
  const { end } = await worker({ slots: 1, seconds: 0.01 });
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    await sleep(200 + 37 * i); // not in step with the dispatcher
    const begun = performance.now();
    const sweep = await submit(sweepOf({ name: `latency ${i}`, runs: 1, results: 1 }));
    for (;;) {
      const { rowCount } = await db.pool.query(
        'SELECT FROM attempt JOIN run ON run.id = run_id WHERE sweep_id = $1 AND total_steps IS NOT NULL',
        [sweep],
      );
      if (rowCount !== 0) break;
      await sleep(5);
    }
    found.push(secondsSince(begun));
  }
  await allSucceeded();
  await end();
  return median(found);
}

/** Seconds for `runs` runs of `seconds` each on `SLOTS` slots with warm trainers, from submitting to the last end. */
export async function bookkeeping(
  { submit, worker, allSucceeded }: Installation,
  runs: number,
  seconds: number,
): Promise<number> {
  const { end } = await worker({ slots: SLOTS, seconds });
  await submit(sweepOf({ name: 'warm-up', runs: 2 * SLOTS, results: 1 }));
  await allSucceeded();
  const begun = performance.now();
  await submit(sweepOf({ name: 'bookkeeping', runs, results: 1 }));
  await allSucceeded();
  const taken = secondsSince(begun);
  await end();
  return taken;
}

/** Runs per second without work and with ten results each, with warm trainers; and the disk space of a metric point. */
export async function noWork({ db, submit, worker, allSucceeded }: Installation, runs: number) {
  const { end } = await worker({ slots: SLOTS, seconds: 0 });
  await submit(sweepOf({ name: 'warm-up', runs: 10 * SLOTS, results: 10 }));
  await allSucceeded();
  const begun = performance.now();
  await submit(sweepOf({ name: 'no work', runs, results: 10 }));
  await allSucceeded();
  const taken = secondsSince(begun);
  await end();
  return { perSecond: runs / taken, ...(await bytesPerPoint(db)) };
}

/** Results written per second over `WINDOW_SECONDS`, while trainers report `perSecond` of them. */
export async function resultsWritten({ db, submit, worker, allSucceeded }: Installation, perSecond: number) {
  const { end } = await worker({ slots: SLOTS, seconds: RESULT_SECONDS });
  const epochs = Math.ceil((perSecond * RESULT_SECONDS) / SLOTS);
  await submit(sweepOf({ name: 'results', runs: SLOTS, results: epochs }));
  for (;;) {
    const { rows } = await db.pool.query<{ begun: number }>(
      'SELECT count(*)::integer AS begun FROM attempt WHERE total_steps IS NOT NULL',
    );
    if (rows[0]?.begun === SLOTS) break;
    await sleep(100);
  }
  const count = async (): Promise<[points: number, at: number]> => {
    const { rows } = await db.pool.query<{ points: number }>(
      'SELECT coalesce(sum(cardinality(steps)), 0)::integer AS points FROM metric_chunk',
    );
    return [rows[0]?.points ?? 0, performance.now()];
  };
  const [before, from] = await count();
  await sleep(WINDOW_SECONDS * 1000);
  const [after, to] = await count();
  await allSucceeded();
  await end();
  const { points, bytes } = await bytesPerPoint(db);
  if (points !== 6 * epochs * SLOTS) throw new Error(`${points} of ${6 * epochs * SLOTS} points were written`);
  const written = (after - before) / ((to - from) / 1000);
  return { perSecond: written / 6, points: written, bytes };
}

/** Bytes of tables and indexes per metric point, after a vacuum. */
async function bytesPerPoint(db: Installation['db']): Promise<{ points: number; bytes: number }> {
  await db.pool.query('VACUUM metric_chunk');
  const { rows } = await db.pool.query<{ points: number; bytes: number }>(
    `SELECT (SELECT count(*)::integer FROM metric_point) AS points,
       (pg_total_relation_size('metric_chunk') + pg_total_relation_size('measure'))::float8 AS bytes`,
  );
  const { points, bytes } = rows[0] ?? { points: 0, bytes: Number.NaN };
  return { points, bytes: bytes / points };
}
