/** Answers from the database, over HTTP and on the command line. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import {
  Answer,
  AttemptView,
  ConfigComparison,
  Confusion,
  Curves,
  PredictionView,
  Problem,
  page,
  Spec,
  SweepPoints,
} from '@ablate/contracts';
import {
  claimRun,
  dispatch,
  endAttempt,
  finishRun,
  numberEvents,
  recordMetrics,
  recordPredictions,
  type StoredPredictions,
  startAttempt,
} from '@ablate/db';
import { expand } from '@ablate/search';
import { estimate, pairedDifference, sweepVerdict } from '@ablate/statistics';
import { createSweep, localContext, storeAnswers } from '@ablate/sweeps';
import fc from 'fast-check';
import { ablate, assertDone, startApi } from '../cli/command-line.ts';
import { RESULT, STARTED } from '../db/small-sweep.ts';

const { db, apiUrl } = await startApi({ after });
const env = { ABLATE_API_URL: apiUrl };
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${apiUrl}/api/v1${path}`, { headers });
const json = async (path: string): Promise<unknown> => {
  const response = await get(path);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
};

/** What becomes of a run: its test accuracy, `null` for a diverged run, `undefined` for one that stays queued. */
type Outcome = number | null | undefined;

/** A sweep whose runs have these outcomes, by config and seed. */
async function trained(
  written: Record<string, unknown>,
  outcome: (config: number, seed: number) => Outcome,
  predicted?: (config: number) => StoredPredictions,
): Promise<string> {
  const spec = Spec.parse({ version: 1, name: 'answered', seeds: [1, 2, 3], ...written });
  const expansion = expand(spec);
  assert.ok('points' in expansion, JSON.stringify(expansion));
  const { id } = await createSweep(localContext(db), { spec, points: expansion.points });
  await dispatch(db, { window: 100_000, room: 100_000 });
  const { rows } = await db.pool.query<{ runId: string; attempt: number; position: number; seed: number }>(
    `SELECT run.id AS "runId", 1 AS attempt, config.position, run.seed FROM run JOIN config ON config.id = config_id
     WHERE run.sweep_id = $1 ORDER BY run.position`,
    [id],
  );
  for (const { position, seed, ...job } of rows) {
    const value = outcome(position, seed);
    if (value === undefined) continue;
    assert.ok(await claimRun(db, { ...job, worker: 'test' }));
    await startAttempt(db, { ...job, ...STARTED, notes: ['drawn shapes'] });
    const at = (step: number) => ({ name: 'val/accuracy', step, epoch: step / 25, value: step / 100 + seed / 1000 });
    await recordMetrics(db, { ...job, rows: (seed === 3 ? [25, 50] : [25, 50, 75, 100]).map(at) });
    if (predicted) await recordPredictions(db, { ...job, predictions: predicted(position) });
    if (value === null) await endAttempt(db, { ...job, cause: 'diverged', message: 'the loss was NaN at step 7' });
    else await finishRun(db, { ...job, result: { ...RESULT, testAccuracy: value, testLoss: 1 - value } });
  }
  return id;
}

const SPACE = { 'model.patchSize': [8, 4], 'model.ordering': ['preNorm', 'parallel'] };
const VALUES = [
  [0.5, 0.51, 0.505],
  [0.502, 0.507, 0.511],
  [0.6, 0.613, 0.604],
  [0.605, 0.609, 0.608],
];
const sweepId = await trained({ space: SPACE, name: 'patches' }, (config, seed) => VALUES[config]?.[seed - 1]);
const answerOf = async (id: string, query = '') => Answer.parse(await json(`/sweeps/${id}/answer${query}`));

test('an answer has the figures, the verdicts, the costs and the sentences', async () => {
  const answer = await answerOf(sweepId);
  assert.deepEqual([answer.status, answer.runs.succeeded, answer.configs, answer.omitted], ['final', 12, 4, 0]);
  assert.deepEqual(
    answer.rows.map(({ n, comparison }) => [n, comparison?.verdict]),
    [
      [3, undefined],
      [3, 'noise'],
      [3, 'better'],
      [3, 'better'],
    ],
  );
  assert.deepEqual(answer.rows[2]?.values, [
    { seed: 1, value: 0.6 },
    { seed: 2, value: 0.613 },
    { seed: 3, value: 0.604 },
  ]);
  assert.ok(answer.rows.every(({ macs, parameters }) => macs !== null && macs > 1e6 && parameters !== null));
  assert.deepEqual(answer.notes, ['drawn shapes']);
  assert.match(answer.headline.join('\n'), /^Patch size: 4 is better than 8 by 10\.\d\d ± \d\.\d\d points\.$/m);
  assert.equal(answer.grids[0]?.effects.length, 2);
  assert.ok(answer.pareto.some(({ cost }) => cost === 'macs'));
});

test('another baseline, split and metric; the split that is not stored is refused', async () => {
  const byName = await answerOf(sweepId, `?baseline=${encodeURIComponent('patchSize=4,ordering=preNorm')}`);
  const byPosition = await answerOf(sweepId, '?baseline=2');
  assert.deepEqual(byName, byPosition);
  assert.equal(byName.rows[0]?.comparison?.verdict, 'worse');
  const loss = await answerOf(sweepId, '?metric=loss');
  assert.deepEqual([loss.better, loss.rows[2]?.comparison?.verdict], ['lower', 'better']);
  assert.ok((loss.rows[2]?.comparison?.difference ?? 0) < 0);
  const validation = await answerOf(sweepId, '?split=validation');
  assert.equal(validation.rows[0]?.mean, RESULT.valAccuracy);
});

test('an unchanged answer is 304; a run that changes makes it new', async () => {
  const id = await trained({ seeds: [1, 2], space: { 'model.depth': [1, 2] } }, (config, seed) =>
    config === 1 && seed === 2 ? undefined : 0.5 + 0.01 * seed,
  );
  const path = `/sweeps/${id}/answer`;
  const first = await get(path);
  const tag = first.headers.get('etag') ?? '';
  assert.equal(Answer.parse(await first.json()).status, 'provisional');
  const again = await get(path, { 'if-none-match': tag });
  assert.deepEqual([again.status, await again.text()], [304, '']);
  assert.equal((await get(`${path}?limit=5`, { 'if-none-match': tag })).status, 200, 'other parameters');
  const { rows } = await db.pool.query<{ runId: string; attempt: number }>(
    `SELECT id AS "runId", 1 AS attempt FROM run WHERE sweep_id = $1 AND state = 'queued'`,
    [id],
  );
  await dispatch(db, { window: 100_000, room: 100_000 });
  const job = rows[0] ?? assert.fail();
  await claimRun(db, { ...job, worker: 'test' });
  await finishRun(db, { ...job, result: RESULT });
  const changed = await get(path, { 'if-none-match': tag });
  assert.equal(changed.status, 200, 'before its event has a number');
  assert.equal(Answer.parse(await changed.json()).status, 'final');
  await numberEvents(db);
  const numbered = await get(path, { 'if-none-match': tag });
  assert.equal(numbered.status, 200);
});

test('failed runs are counted by cause, and only common seeds are paired', async () => {
  const id = await trained({ space: { 'model.depth': [1, 2] } }, (config, seed) =>
    config === 1 && seed === 2 ? null : 0.5 + 0.01 * seed,
  );
  const answer = await answerOf(id);
  assert.deepEqual(answer.failures, [
    { state: 'failed', cause: 'diverged', runs: 1, message: 'the loss was NaN at step 7' },
  ]);
  assert.deepEqual([answer.rows[1]?.failed, answer.rows[1]?.comparison?.pairs], [1, { used: 2, of: 3 }]);
  assert.ok(answer.headline.includes('1 of 6 runs without a result: 1 diverged.'));
});

test('a large random search is capped, best first, with the baseline', async () => {
  const space = { 'train.optimizer.learningRate': { min: 0.0001, max: 0.1, scale: 'log' } };
  const id = await trained({ seeds: [1], search: { method: 'random', samples: 30 }, space }, (config) => config / 100);
  const answer = await answerOf(id, '?limit=5');
  assert.deepEqual([answer.order, answer.rows.length, answer.omitted, answer.grids.length], ['best first', 5, 25, 0]);
  assert.deepEqual(
    answer.rows.map(({ position }) => position),
    [29, 28, 27, 26, 0],
  );
  assert.equal(answer.importance?.exploration, true);
});

test('rows are what the raw runs give, to 1e-9', { timeout: 120_000 }, async () => {
  const accuracy = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 10_000 }).map((right) => right / 10_000) },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
  );
  const tables = fc
    .integer({ min: 1, max: 4 })
    .chain((configs) =>
      fc.array(fc.array(accuracy, { minLength: 3, maxLength: 3 }), { minLength: configs, maxLength: configs }),
    );
  await fc.assert(
    fc.asyncProperty(tables, async (table) => {
      const id = await trained(
        { space: { 'model.depth': table.map((_, i) => i + 1) } },
        (config, seed) => table[config]?.[seed - 1],
      );
      const { rows: runs } = await db.pool.query<{ config: string; seed: number; value: number | null }>(
        `SELECT config_id AS config, seed, CASE WHEN run.state = 'succeeded' THEN test_accuracy END AS value
         FROM run JOIN config ON config.id = config_id WHERE run.sweep_id = $1 ORDER BY config.position, seed`,
        [id],
      );
      const answer = await answerOf(id);
      const valuesOf = (config: string | undefined) =>
        new Map(
          runs.flatMap((run) => (run.config === config && run.value !== null ? [[run.seed, run.value] as const] : [])),
        );
      const baseline = answer.baseline?.configId ?? '';
      const verdicts = sweepVerdict(runs, { baseline, margin: 0.005 });
      for (const row of answer.rows) {
        const values = valuesOf(row.configId);
        const expected = estimate([...values.values()]);
        const close = (actual: number | null | undefined, wanted: number | null | undefined) =>
          assert.ok(
            actual == null ? wanted == null : Math.abs(actual - (wanted ?? Number.NaN)) < 1e-9,
            `${actual} ${wanted}`,
          );
        close(row.mean, expected?.mean);
        close(row.sd, expected?.sd);
        assert.equal(row.n, values.size);
        const verdict = verdicts.rows.find(({ config }) => config === row.configId);
        if (row.baseline) continue;
        assert.equal(row.comparison?.verdict, verdict?.verdict);
        close(row.comparison?.pooled?.adjusted, verdict?.pooled?.adjusted);
        close(row.comparison?.difference, verdict?.pooled?.mean ?? pairedDifference(values, valuesOf(baseline))?.mean);
      }
    }),
    { numRuns: 8 },
  );
});

test('SQL, the API and the spec agree: a margin of the spec, and a union of spaces', async () => {
  const id = await trained(
    {
      name: 'a union',
      compare: { margin: 0.05 },
      space: [SPACE, { model: [{ preset: 'resnet20' }] }],
      baseline: { 'model.patchSize': 8, 'model.ordering': 'preNorm' },
    },
    (config, seed) => VALUES[config]?.[seed - 1] ?? 0.9 + 0.002 * (seed % 2),
  );
  await storeAnswers(localContext(db));
  const answer = await answerOf(id);
  assert.equal(answer.margin, 0.05);
  const { rows } = await db.pool.query(
    `SELECT config_id, verdict, pooled_difference, holm_p, margin FROM reporting.comparisons
     WHERE sweep_id = $1 AND metric = 'test_accuracy' ORDER BY position`,
    [id],
  );
  assert.equal(rows.length, 5);
  for (const [i, row] of answer.rows.entries()) {
    assert.deepEqual([rows[i].config_id, rows[i].margin], [row.configId, 0.05]);
    assert.equal(rows[i].verdict, row.comparison?.verdict ?? 'baseline');
    if (row.comparison?.pooled?.adjusted == null) continue;
    assert.ok(Math.abs(rows[i].holm_p - row.comparison.pooled.adjusted) < 1e-9);
    assert.ok(Math.abs(rows[i].pooled_difference - (row.comparison.difference ?? Number.NaN)) < 1e-9);
  }
  assert.deepEqual(
    answer.rows.map(({ comparison }) => comparison?.verdict),
    [undefined, 'equivalent', 'better', 'better', 'better'],
  );
  const effects = await db.pool.query(
    `SELECT axis, level::text AS level, difference FROM reporting.effects
     WHERE sweep_id = $1 AND metric = 'test_accuracy' AND NOT reference ORDER BY axis`,
    [id],
  );
  const [grid] = answer.grids;
  assert.equal(effects.rows.length, 2);
  for (const { axis, difference } of effects.rows) {
    const level = grid?.effects.find((one) => one.axis === axis)?.levels.find(({ verdict }) => verdict !== 'baseline');
    assert.ok(Math.abs(difference - (level?.difference ?? Number.NaN)) < 1e-9, axis);
  }
});

test('the command line prints what the API returns: JSON, CSV, Markdown, LaTeX and a table', async () => {
  const [asJson, csv, markdown, latex, table, byDefault] = await Promise.all([
    ablate(['answer', sweepId, '--json', '--baseline', '2'], { env }),
    ablate(['answer', sweepId, '--format', 'csv'], { env }),
    ablate(['answer', sweepId, '--format', 'markdown'], { env }),
    ablate(['answer', sweepId, '--format', 'latex'], { env }),
    ablate(['answer', sweepId], { env }),
    ablate(['answer', '--json'], { env }),
  ]);
  for (const ended of [asJson, csv, markdown, latex, table, byDefault]) assertDone(ended);
  assert.deepEqual(JSON.parse(asJson.out), await json(`/sweeps/${sweepId}/answer?baseline=2`));
  assert.match(csv.out, /^model\.ordering,model\.patchSize,config_id,position,baseline,n,mean,sd,/);
  assert.equal(csv.out.trim().split('\n').length, 5);
  assert.match(markdown.out, /^\| \\# \| ordering \| patchSize \| n \| test % \|/m);
  assert.match(latex.out, /\\toprule[\s\S]*\\num\{60\.57 \+- 0\.67\}[\s\S]*\\bottomrule/);
  assert.match(table.out, /^ *2 +preNorm +4 +3 +60\.57 ± 0\.67 +\+10\.07 ± \d\.\d\d +better/m);
  assert.match(table.out, /^Patch size: 4 is better than 8/m);
  const latest = Answer.parse(JSON.parse(byDefault.out));
  const { rows } = await db.pool.query('SELECT id FROM sweep ORDER BY created_at DESC, id DESC LIMIT 1');
  assert.equal(latest.sweep.id, rows[0]?.id);
});

test('curves have the mean, the extremes and the number of runs at every point', async () => {
  const curves = Curves.parse(await json(`/sweeps/${sweepId}/curves?x=samples`));
  assert.deepEqual([curves.metrics, curves.configs.length, curves.omitted], [['val/accuracy'], 4, 0]);
  const [first] = curves.configs;
  assert.deepEqual(
    first?.points.map(({ n, x }) => [n, x]),
    [
      [3, 25 * 128],
      [3, 50 * 128],
      [2, 75 * 128],
      [2, 100 * 128],
    ],
  );
  const [point] = first?.points ?? [];
  assert.ok(point && Math.abs(point.mean - 0.252) < 1e-9 && point.min === 0.251 && point.max === 0.253);
  const coarse = Curves.parse(await json(`/sweeps/${sweepId}/curves?points=2&configs=${first?.configId}`));
  assert.deepEqual([coarse.configs.length, coarse.configs[0]?.points.length], [1, 2]);
});

test('every config is in the columns for plots, with the mean of its answer', async () => {
  const points = SweepPoints.parse(await json(`/sweeps/${sweepId}/points?split=test`));
  const { rows } = await answerOf(sweepId);
  assert.deepEqual(
    points.mean,
    rows.map(({ mean }) => mean),
  );
  assert.deepEqual(points.axes.map(({ path }) => path).sort(), ['model.ordering', 'model.patchSize']);
});

test('configs are compared, of one sweep and of two, with what differs', async () => {
  const [a, , c] = (await answerOf(sweepId)).rows;
  const one = ConfigComparison.parse(await json(`/compare?configs=${a?.configId},${sweepId}:2`));
  assert.deepEqual([one.basis, one.rows[1]?.configId, one.warnings], ['sweep', c?.configId, []]);
  assert.deepEqual(one.differences, [{ part: 'config', path: 'model.patchSize', values: [[8], [4]] }]);
  assert.deepEqual(one.rows[1]?.comparison, c?.comparison);

  const other = await trained(
    {
      name: 'longer',
      model: { preset: 'resnet20' },
      train: { epochs: 7, optimizer: { name: 'adamw', learningRate: 1e-7 } },
      dataset: { name: 'cifar10', validation: 0.2 },
    },
    (_, seed) => 0.7 + 0.001 * seed,
  );
  const two = ConfigComparison.parse(await json(`/compare?configs=${a?.configId},${other}:0`));
  assert.equal(two.basis, 'configs');
  assert.deepEqual(two.warnings, ['the data differ: dataset.validation', 'the training budget differs: train.epochs']);
  const depth = two.differences.find(({ path }) => path === 'model.patchSize');
  assert.deepEqual(depth?.values, [[8], []], 'absent is not equal to anything');
  const printed = await ablate(['compare', `${a?.configId}`, `${other}:0`], { env });
  assertDone(printed);
  assert.match(printed.out, /^warning: the training budget differs: train\.epochs$/m);
  assert.match(printed.out, /^config +model\.patchSize +8 +\(absent\)$/m);
});

test('attempts of a run', async () => {
  const { rows } = await db.pool.query('SELECT id FROM run WHERE sweep_id = $1 LIMIT 1', [sweepId]);
  const { items } = page(AttemptView).parse(await json(`/runs/${rows[0]?.id}/attempts`));
  assert.deepEqual(
    items.map(({ number, cause, totalSteps }) => [number, cause, totalSteps]),
    [[1, 'completed', STARTED.totalSteps]],
  );
});

/** Predictions of 1,000 images in two classes: the images of `wrong` are not recognized. */
function predictionsOf(wrong: ReadonlySet<number>): StoredPredictions {
  const ranks = Uint8Array.from({ length: 1000 }, (_, i) => (wrong.has(i) ? 1 : 0));
  const confidence = new Uint8Array(1000).fill(200);
  return {
    ...{ split: 'test', images: 1000, width: 1, classes: ['cat', 'dog'], labels: Buffer.alloc(1000), indices: null },
    data: Buffer.concat([ranks, confidence, ranks]),
  };
}

/** 300 wrong images, beginning at this one. */
const wrongFrom = (first: number) => new Set(Array.from({ length: 300 }, (_, i) => (first + i) % 1000));

test('predictions: of a run, as a confusion matrix, as McNemar tests, and as a check of the spread', async () => {
  // The differences of 0.20 and 0.21 points spread far less than 400 discordant images of 1,000 allow.
  const values = [
    [0.7, 0.71],
    [0.702, 0.7121],
    [0.69, 0.73],
  ];
  const id = await trained(
    { name: 'predicted', seeds: [1, 2], space: { 'model.depth': [1, 2, 3] } },
    (config, seed) => values[config]?.[seed - 1],
    (config) => predictionsOf(wrongFrom(200 * config)),
  );
  const { rows } = await db.pool.query<{ run: string; config: string }>(
    'SELECT run.id AS run, config_id AS config FROM run JOIN config ON config.id = config_id WHERE run.sweep_id = $1 ORDER BY config.position, seed',
    [id],
  );
  const run = rows[0]?.run;
  const first = page(PredictionView).parse(await json(`/runs/${run}/predictions?correct=false&limit=2`));
  assert.deepEqual(
    first.items.map(({ image, label, predictedName, correct }) => [image, label, predictedName, correct]),
    [
      [0, 0, 'dog', false],
      [1, 0, 'dog', false],
    ],
  );
  const next = page(PredictionView).parse(
    await json(`/runs/${run}/predictions?correct=false&limit=1000&cursor=${first.nextCursor}`),
  );
  assert.deepEqual([next.items.length, next.nextCursor], [298, null]);
  const confusion = Confusion.parse(await json(`/runs/${run}/confusion`));
  assert.deepEqual(
    [confusion.images, confusion.correct, confusion.cells.map(({ predicted, n }) => [predicted, n])],
    [
      1000,
      700,
      [
        [0, 700],
        [1, 300],
      ],
    ],
  );

  const answer = await answerOf(id);
  assert.ok((answer.rows[1]?.comparison?.implausible ?? 1) < 0.02);
  assert.equal(answer.rows[2]?.comparison?.implausible, null);
  assert.ok(answer.headline.some((line) => line.includes('agree better than the size of the test set allows')));
  const compared = ConfigComparison.parse(await json(`/compare?configs=${id}:0,${id}:1`));
  assert.deepEqual(
    compared.mcnemar.map(({ seed, images, onlyThis, onlyBaseline, p }) => [seed, images, onlyThis, onlyBaseline, p]),
    [1, 2].map((seed) => [seed, 1000, 200, 200, 1]),
  );

  const missing = await get(`/runs/${run}/confusion?split=validation`);
  assert.equal(missing.status, 404);
  assert.match(Problem.parse(await missing.json()).detail ?? '', /has no predictions of split validation/);
});

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const REFUSED: [path: string, status: number, pointer?: string][] = [
  [`/sweeps/${UNKNOWN}/answer`, 404],
  [`/sweeps/${UNKNOWN}/curves`, 404],
  [`/runs/${UNKNOWN}/attempts`, 404],
  [`/runs/${UNKNOWN}/predictions`, 404],
  [`/runs/${UNKNOWN}/confusion`, 404],
  [`/runs/${UNKNOWN}/confusion?split=train`, 400, '/query/split'],
  [`/compare?configs=${UNKNOWN},${sweepId}:0`, 404],
  [`/sweeps/${sweepId}/answer?metric=f1`, 400, '/query/metric'],
  [`/sweeps/${sweepId}/answer?split=train&metric=loss`, 400, '/query/split'],
  [`/sweeps/${sweepId}/answer?baseline=9`, 400, '/query/baseline'],
  [`/sweeps/${sweepId}/answer?baseline=patchSize%3D5`, 400, '/query/baseline'],
  [`/sweeps/${sweepId}/answer?limit=0`, 400, '/query/limit'],
  [`/sweeps/${sweepId}/curves?metric=nonsense`, 400, '/query/metric'],
  [`/sweeps/${sweepId}/curves?configs=${UNKNOWN}`, 400, '/query/configs'],
  [`/sweeps/${sweepId}/curves?configs=a`, 400, '/query/configs'],
  [`/sweeps/${sweepId}/curves?x=age`, 400, '/query/x'],
  [`/compare`, 400, '/query/configs'],
  [`/compare?configs=${sweepId}:0`, 400, '/query/configs'],
  [`/compare?configs=${sweepId}:0,${sweepId}:9`, 400, '/query/configs'],
  [`/compare?configs=${sweepId}:0,${sweepId}:0`, 400, '/query/configs'],
  [`/compare?configs=a&configs=b`, 400, '/query/configs'],
];
for (const [path, status, pointer] of REFUSED)
  test(`GET ${path.replaceAll(sweepId, ':id')} is refused with ${status}`, async () => {
    const response = await get(path);
    const problem = Problem.parse(await response.json());
    assert.deepEqual(
      [response.status, problem.errors?.map((error) => error.pointer)],
      [status, pointer && [pointer]],
      JSON.stringify(problem),
    );
  });

test('on the command line, bad input is one line with a remedy', async () => {
  const [baseline, metric] = await Promise.all([
    ablate(['answer', sweepId, '--baseline', 'patchSize=5'], { env }),
    ablate(['answer', sweepId, '--metric', 'f1'], { env }),
  ]);
  assert.deepEqual([baseline.code, metric.code], [2, 2], `${baseline.err}${metric.err}`);
  assert.match(baseline.err, /no config of the sweep is "patchSize=5": use a configId or position/);
  assert.match(metric.err, /Allowed choices are accuracy, loss/);
});
