import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { canonicalJson, Spec } from '@ablate/contracts';
import { claimRun, type Database, finishRun, openDatabase } from '@ablate/db';
import { modelCost } from '@ablate/models/count';
import { expand } from '@ablate/search';
import { factorialAnova, paretoFront, sweepVerdict } from '@ablate/statistics';
import { createSweep, localContext, openAnswerBuilder, storeAnswers, sweepAnswer } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());
const builder = openAnswerBuilder();
after(() => builder.close());

/** Reproducible noise around effects of both axes, and of both together. */
const accuracy = (depth: number, ordering: string, seed: number): number =>
  0.5 +
  0.05 * depth +
  (ordering === 'parallel' ? 0.02 * depth : 0) +
  0.01 * Math.sin(17 * seed + 5 * depth + ordering.length);

const spec = Spec.parse({
  version: 1,
  name: 'grid',
  seeds: [1, 2, 3, 4],
  space: { 'model.depth': [1, 2, 3], 'model.ordering': ['preNorm', 'parallel'] },
  baseline: { 'model.depth': 2, 'model.ordering': 'preNorm' },
});
const expansion = expand(spec);
assert.ok('points' in expansion);
const { points } = expansion;
const sweep = await createSweep(context, { spec, points });
type Figures = { config: string; depth: number; ordering: string; seed: number; value: number };
const figures: Figures[] = [];
for (const job of await waitingJobs(db, sweep.id)) {
  const { rows } = await db.pool.query(
    'SELECT config.id, config.axes, run.seed FROM run JOIN config ON config.id = run.config_id WHERE run.id = $1',
    [job.runId],
  );
  const { id, axes, seed } = rows[0];
  const [depth, ordering] = [axes['model.depth'], axes['model.ordering']];
  const value = accuracy(depth, ordering, seed);
  await claimRun(db, { ...job, worker: 'test' });
  await finishRun(db, { ...job, result: { ...RESULT, testAccuracy: value, valLoss: 1 - value } });
  figures.push({ config: id, depth, ordering, seed, value });
}

const near = (actual: unknown, expected: number | null | undefined, what: string): void =>
  expected === null || expected === undefined || Number.isNaN(expected)
    ? assert.equal(actual, null, what)
    : assert.ok(
        typeof actual === 'number' && Math.abs(actual - expected) <= 1e-9,
        `${what}: ${actual}, not ${expected}`,
      );

const rowsOf = async (view: string, metric = 'test_accuracy') =>
  (
    await db.pool.query(`SELECT * FROM reporting.${view} WHERE sweep_id = $1 AND metric = $2 ORDER BY position`, [
      sweep.id,
      metric,
    ])
  ).rows;

test('comparisons: SQL shows what sweepVerdict computes, and is marked stale until it does', async () => {
  await storeAnswers(context);
  const base = figures.find(({ depth, ordering }) => depth === 2 && ordering === 'preNorm')?.config ?? '';
  const expected = new Map(
    sweepVerdict(figures, { baseline: base, margin: 0.005 }).rows.map((row) => [row.config, row]),
  );
  const rows = await rowsOf('comparisons');
  assert.equal(rows.length, 6);
  for (const row of rows) {
    const wanted = expected.get(row.config_id);
    assert.deepEqual([row.verdict, row.baseline_config_id, row.current], [wanted?.verdict, base, true]);
    near(row.mean, wanted?.estimate?.mean, 'mean');
    near(row.sd, wanted?.estimate?.sd, 'sd');
    near(row.difference, wanted?.paired?.mean, 'difference');
    near(row.half, wanted?.paired?.half, 'half');
    near(row.p, wanted?.paired?.p, 'p');
    near(row.pooled_difference, wanted?.pooled?.mean, 'pooled difference');
    near(row.pooled_half, wanted?.pooled?.half, 'pooled half');
    near(row.holm_p, wanted?.pooled?.adjusted, 'Holm p');
    near(row.guarded_holm_p, wanted?.guarded?.adjusted, 'guarded p');
    near(row.detectable, wanted?.undecided?.detectable, 'detectable');
  }
  const verdicts = new Set(rows.map(({ verdict }) => verdict));
  assert.ok(verdicts.has('better') && verdicts.has('worse') && verdicts.has('baseline'), [...verdicts].join());

  // Of a loss, lower is better.
  const losses = new Map((await rowsOf('comparisons', 'val_loss')).map((row) => [row.config_id, row.verdict]));
  for (const { config_id, verdict } of rows)
    if (verdict === 'better' || verdict === 'worse') assert.equal(losses.get(config_id), verdict);

  await db.pool.query('DELETE FROM run WHERE sweep_id = $1 AND seed = 4', [sweep.id]);
  assert.deepEqual(new Set((await rowsOf('comparisons')).map(({ current }) => current)), new Set([false]));
  await Promise.all([storeAnswers(context), storeAnswers(context)]);
  assert.deepEqual(
    (await rowsOf('comparisons')).map(({ current, pairs }) => [current, pairs]),
    rows.map(({ verdict }) => [true, verdict === 'baseline' ? 0 : 3]),
  );
});

test('effects and interactions: SQL shows what the answer of the API has, and factorialAnova computes', async () => {
  const results = figures
    .filter(({ seed }) => seed !== 4)
    .map(({ depth, ordering, seed, value }) => ({
      levels: { 'model.depth': canonicalJson(depth), 'model.ordering': canonicalJson(ordering) },
      seed,
      value,
    }));
  const axes = ['model.depth', 'model.ordering'];
  const { terms, effects } = factorialAnova(results, axes, {
    references: { 'model.depth': '2', 'model.ordering': '"preNorm"' },
  });
  const answer = await sweepAnswer(context, {
    sweepId: sweep.id,
    metric: 'accuracy',
    split: 'test',
    limit: 100,
    builder,
  });
  const [grid] = answer.grids;
  const rows = await rowsOf('effects');
  assert.equal(rows.length, 5);
  for (const row of rows) {
    const wanted = effects[row.axis]?.find(({ level }) => level === canonicalJson(row.level));
    const shown = grid?.effects.find(({ axis }) => axis === row.axis)?.levels[row.position];
    near(row.mean, wanted?.mean, 'mean');
    near(row.difference, wanted?.difference?.mean, 'difference');
    near(row.half, wanted?.difference?.half, 'half');
    near(row.holm_p, shown?.pooled?.adjusted, 'Holm p');
    const residual = terms.find(({ kind }) => kind === 'residual');
    const main = terms.find(({ kind, axes: [axis] }) => kind === 'main' && axis === row.axis);
    near(row.axis_p, main?.p, 'p');
    assert.deepEqual(
      [row.reference, row.seeds, row.verdict, row.axis_freedom, row.residual_freedom],
      [wanted?.difference === null, [1, 2, 3], shown?.verdict, main?.freedom, residual?.freedom],
    );
  }
  const cells = await rowsOf('interactions');
  const term = terms.find(({ kind }) => kind === 'interaction');
  assert.equal(cells.length, 6);
  for (const cell of cells) {
    near(cell.f, term?.f, 'F');
    near(cell.p, term?.p, 'p');
    const same = figures.filter(
      ({ depth, ordering, seed }) => depth === cell.level_a && ordering === cell.level_b && seed !== 4,
    );
    near(cell.mean, same.reduce((sum, { value }) => sum + value, 0) / same.length, 'mean');
  }
  const deviations = cells.reduce((sum, { deviation }) => sum + deviation, 0);
  near(deviations, 0, 'sum of the deviations');

  for (const row of await rowsOf('comparisons')) {
    const shown = answer.rows.find(({ configId }) => configId === row.config_id)?.comparison;
    if (row.verdict === 'baseline') continue;
    assert.equal(row.verdict, shown?.verdict);
    near(row.pooled_difference, shown?.difference, 'difference');
    near(row.holm_p, shown?.pooled?.adjusted, 'Holm p');
    near(row.detectable, shown?.detectable, 'detectable');
  }
});

test('configs have their parameters and MACs from the moment of submission, and pareto is the front of both', async () => {
  const { rows } = await db.pool.query(
    'SELECT position, parameters, macs FROM reporting.configs WHERE sweep_id = $1 ORDER BY position',
    [sweep.id],
  );
  assert.deepEqual(
    rows.map(({ parameters, macs }) => [Number(parameters), Number(macs)]),
    points.map(({ config }) => [modelCost(config.model).parameters, modelCost(config.model).macs]),
  );
  const placed = (
    await db.pool.query(
      `SELECT cost, test_mean AS value, on_front FROM reporting.pareto WHERE sweep_id = $1 AND measure = 'macs' ORDER BY position`,
      [sweep.id],
    )
  ).rows;
  const front = new Set(paretoFront(placed));
  assert.deepEqual(
    placed.map(({ on_front }) => on_front),
    placed.map((_, i) => front.has(i)),
  );
  assert.ok(front.size > 0 && front.size < placed.length);
});
