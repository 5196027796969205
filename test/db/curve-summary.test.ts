import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { claimRun, type Database, finishRun, openDatabase, recordMetrics, summariseCurves } from '@ablate/db';
import { localContext, sweepCurves } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { newSweep, RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
after(() => db.close());

const STEPS = 3_000;
/** Deterministic values with jumps, one of them not finite. */
const valueAt = (step: number, seed: number): number =>
  step === 700 ? Number.NaN : Math.sin(step * (seed + 1)) + step / 500;

test('a finished run has a summary of each long curve, and the curves of the sweep are those of its values', async () => {
  const sweep = await newSweep(db, { seeds: 2 });
  const jobs = await waitingJobs(db, sweep.id);
  for (const [seed, job] of jobs.entries()) {
    assert.ok(await claimRun(db, { ...job, worker: 'test' }));
    for (let from = 0; from < STEPS; from += 500)
      await recordMetrics(db, {
        ...job,
        rows: Array.from({ length: 500 }, (_, i) => from + i).flatMap((step) => [
          { name: 'train/loss', step, epoch: step / 100, value: valueAt(step, seed) },
          ...(step % 100 === 99 ? [{ name: 'val/loss', step, epoch: step / 100, value: step }] : []),
        ]),
      });
    assert.equal(await finishRun(db, { ...job, result: RESULT }), true);
  }
  const curves = (metric: string, points: number) =>
    sweepCurves(localContext(db), { sweepId: sweep.id, metric, x: 'epoch', points });
  const before = [await curves('train/loss', 256), await curves('train/loss', 20), await curves('val/loss', 256)];
  for (const { runId } of jobs) {
    await summariseCurves(db.pool, runId);
    await summariseCurves(db.pool, runId);
  }
  const { rows } = await db.pool.query(
    'SELECT metric, count(*)::int AS buckets, sum(points)::int AS points, min(least) AS least, max(greatest) AS greatest FROM reporting.curve_buckets WHERE run = $1 GROUP BY metric',
    [jobs[0]?.runId],
  );
  const values = Array.from({ length: STEPS }, (_, step) => valueAt(step, 0)).filter(Number.isFinite);
  assert.deepEqual(rows, [
    {
      metric: 'train/loss',
      buckets: 250,
      points: STEPS - 1,
      least: Math.min(...values),
      greatest: Math.max(...values),
    },
  ]);
  const { rows: last } = await db.pool.query(
    'SELECT last FROM reporting.curve_buckets WHERE run = $1 ORDER BY step DESC LIMIT 1',
    [jobs[0]?.runId],
  );
  assert.equal(last[0]?.last, valueAt(STEPS - 1, 0));

  const [fine, coarse, short] = [
    await curves('train/loss', 256),
    await curves('train/loss', 20),
    await curves('val/loss', 256),
  ];
  const close = (found: typeof fine, expected: typeof fine | undefined, tolerance: number): void => {
    const [a, b] = [found.configs[0]?.points ?? [], expected?.configs[0]?.points ?? []];
    assert.equal(a.length, b.length);
    for (const [i, { x, n, mean }] of a.entries()) {
      assert.equal(n, b[i]?.n);
      assert.ok(
        Math.abs(x - (b[i]?.x ?? 0)) < tolerance && Math.abs(mean - (b[i]?.mean ?? 0)) < tolerance,
        `point ${i}`,
      );
    }
  };
  close(fine, before[0], 1e-9);
  close(coarse, before[1], 0.1); // buckets of 12 steps do not end where those of 150 do
  close(short, before[2], 1e-9);

  // With more points than the summary has, the values themselves are read.
  assert.equal((await curves('train/loss', 2000)).configs[0]?.points.length, 1500);
});
