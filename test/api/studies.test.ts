import assert from 'node:assert/strict';
import test from 'node:test';
import { page, StudyView } from '@ablate/contracts';
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
