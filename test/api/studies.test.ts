import assert from 'node:assert/strict';
import test from 'node:test';
import { Answer, page, StudyView, SweepView } from '@ablate/contracts';
import { readResults, readStudy } from '@ablate/studies';
import { newSweep } from '../db/small-sweep.ts';
import { runningApp } from './running-app.ts';

const { app, db } = await runningApp();
const list = async () => page(StudyView).parse((await app.inject('/api/v1/studies')).json()).items;

test('studies are listed with their questions, the command, and their newest sweeps', async () => {
  const before = await list();
  assert.ok(before.length >= 18);
  const found = before.find(({ name }) => name === 'basic-block-order');
  assert.match(found?.question ?? '', /\?$/);
  assert.match(found?.command ?? '', /^npx ablate study run basic-block-order --scale \w+$/);
  assert.deepEqual(found?.sweeps, []);

  const name = 'study basic-block-order (smoke)';
  await newSweep(db, { name });
  const { id } = await newSweep(db, { name });
  const after = (await list()).find((study) => study.name === 'basic-block-order');
  assert.deepEqual(after?.sweeps, [{ id, name }]);
});

test('the report of stored results is a page that loads nothing; without results it is 404', async () => {
  const report = await app.inject('/api/v1/studies/symmetry/report');
  assert.equal(report.statusCode, 200, report.body);
  assert.match(String(report.headers['content-type']), /^text\/html/);
  assert.match(String(report.headers['content-security-policy']), /^default-src 'none'/);
  assert.match(report.body, /<h1>Symmetries of layers and networks<\/h1>/);
  for (const [path, detail] of [
    ['symmetry/report?scale=full', /no stored results at scale full/],
    ['none/report', /unknown study none/],
  ] as const) {
    const refused = await app.inject(`/api/v1/studies/${path}`);
    assert.equal(refused.statusCode, 404);
    assert.match(refused.json().detail, detail);
  }
  assert.equal((await app.inject('/api/v1/studies/symmetry/report?scale=huge')).statusCode, 400);
});

test('stored results are imported as a finished sweep: its views and its answer are those of the results', async () => {
  const study = await readStudy('basic-block-order');
  const stored = await readResults(study.folder, 'cpu');
  assert.ok(stored);
  const imports = () => app.inject({ method: 'POST', url: '/api/v1/studies/basic-block-order/import?scale=cpu' });
  const reply = await imports();
  assert.equal(reply.statusCode, 201, reply.body);
  const [sweep] = page(SweepView).parse(reply.json()).items;
  assert.ok(sweep);
  assert.equal(page(SweepView).parse((await imports()).json()).items[0]?.id, sweep.id, 'once');

  const { rows: runs } = await db.pool.query(
    `SELECT config_position AS position, seed, state, test_accuracy, val_loss, round(useful_seconds::numeric, 2)::float8 AS seconds,
       worker, code, instruction_sets, dataset_hash FROM reporting.runs WHERE sweep_id = $1 ORDER BY 1, 2`,
    [sweep.id],
  );
  assert.deepEqual(
    runs,
    stored.runs.map((row) => ({
      ...{ position: row.position, seed: row.seed, state: row.state, test_accuracy: row.test_accuracy },
      ...{ val_loss: row.val_loss, seconds: row.useful_seconds, worker: 'import', code: row.code },
      ...{ instruction_sets: row.instruction_sets, dataset_hash: row.dataset_hash },
    })),
  );
  const { rows: points } = await db.pool.query(
    'SELECT count(*)::int AS n FROM reporting.curves JOIN reporting.runs USING (run) WHERE sweep_id = $1',
    [sweep.id],
  );
  assert.equal(points[0]?.n, stored.curves.length);
  const waiting = await db.pool.query('SELECT FROM outbox WHERE sweep_id = $1', [sweep.id]);
  assert.equal(waiting.rowCount, 0, 'no worker will ever get its runs');

  const answer = Answer.parse((await app.inject(`/api/v1/sweeps/${sweep.id}/answer`)).json());
  assert.equal(answer.status, 'final');
  assert.ok(answer.notes.some((note) => /^imported from the stored results of the study basic-block-order/.test(note)));
  const report = await app.inject('/api/v1/studies/basic-block-order/report?scale=cpu');
  for (const { mean, sd } of answer.rows) {
    assert.ok(mean !== null && sd !== null);
    assert.ok(report.body.includes(`${(100 * mean).toFixed(2)} ± ${(100 * sd).toFixed(2)}`));
  }
  const none = await app.inject({ method: 'POST', url: '/api/v1/studies/symmetry/import?scale=cpu' });
  assert.equal(none.statusCode, 404);
  assert.match(none.json().detail, /symmetry has no stored results of runs at scale cpu/);
});
