/** What the pages of a run, of confusion and of the fleet ask for. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { CellImages, ConfusionView, FleetView, type RunJob, RunLog } from '@ablate/contracts';
import { openDataset } from '@ablate/data';
import {
  claimRun,
  endAttempt,
  expireLogs,
  finishRun,
  recordLogs,
  recordPredictions,
  registerWorker,
  type StoredPredictions,
  startAttempt,
} from '@ablate/db';
import { PNG } from 'pngjs';
import { imageFolder, writeFolder } from '../data/archives.ts';
import { newSweep, RESULT, STARTED, waitingJobs } from '../db/small-sweep.ts';
import { post, runningApp } from './running-app.ts';

const { app, db, data: places } = await runningApp();
const get = async (url: string) => {
  const { statusCode, body } = await app.inject(`/api/v1${url}`);
  return { status: statusCode, body: JSON.parse(body) };
};

/** Four images of three classes. */
const IMAGES: StoredPredictions = {
  ...{ split: 'test', images: 4, width: 1, classes: ['cat', 'dog', 'owl'] },
  ...{ labels: Buffer.from([0, 1, 2, 2]), indices: null, data: Buffer.alloc(0) },
};
/** A run that predicts these classes, with these confidences in 1/255, and ranks the truth so. */
async function succeed(job: RunJob, predicted: number[], confidence = [255, 51, 102, 0], rank = [0, 1, 2, 0]) {
  assert.ok(await claimRun(db, { ...job, worker: 'box/1' }));
  await startAttempt(db, { ...job, ...STARTED });
  const data = Buffer.from([...predicted, ...confidence, ...rank]);
  assert.ok(await recordPredictions(db, { ...job, predictions: { ...IMAGES, data } }));
  assert.ok(await finishRun(db, { ...job, result: RESULT }));
}

test('confusion: of a run, the sum over the seeds of a config, and two configs side by side, with the images of a cell', async () => {
  const sweep = await newSweep(db, { configs: 2, seeds: 2 });
  const jobs = await waitingJobs(db, sweep.id);
  const [one, other, again] = jobs;
  assert.ok(one && other && again);
  await succeed(one, [0, 1, 0, 2]);
  await succeed(again, [0, 0, 0, 2], [255, 204, 204, 0], [0, 2, 1, 0]);
  await succeed(other, [0, 1, 2, 2]);
  const { rows } = await db.pool.query<{ id: string }>('SELECT id FROM config WHERE sweep_id = $1 ORDER BY position', [
    sweep.id,
  ]);
  const [first, second] = rows.map(({ id }) => id);

  const cells = (view: ConfusionView) =>
    view.cells.map(({ label, predicted, n }) => `${label}>${predicted} ${n.join('/')}`);
  const ofRun = ConfusionView.parse((await get(`/confusion?run=${one.runId}`)).body);
  assert.deepEqual(cells(ofRun), ['0>0 1', '1>1 1', '2>0 1', '2>2 1']);
  const ofConfig = ConfusionView.parse((await get(`/confusion?config=${first}`)).body);
  assert.deepEqual(cells(ofConfig), ['0>0 2', '1>0 1', '1>1 1', '2>0 2', '2>2 2']);
  assert.deepEqual(
    ofConfig.sides.map(({ runs, images, correct }) => [runs.map(({ seed }) => seed), images, correct]),
    [[[1, 2], 8, 5]],
  );
  const both = ConfusionView.parse((await get(`/confusion?config=${first}&with=${second}`)).body);
  assert.deepEqual(cells(both), ['0>0 2/1', '1>0 1/0', '1>1 1/1', '2>0 2/0', '2>2 2/2']);

  const cell = `label=2&predicted=0`;
  const ofCell = CellImages.parse((await get(`/confusion/images?config=${first}&with=${second}&${cell}`)).body);
  assert.deepEqual(ofCell.items, [
    {
      image: 2,
      sides: [
        { runs: 2, votes: 2, confidence: (102 / 255 + 204 / 255) / 2, rank: 2.5 },
        { runs: 1, votes: 0, confidence: null, rank: 3 },
      ],
    },
  ]);
  assert.equal((await get(`/confusion/images?run=${one.runId}&label=0&predicted=2`)).body.total, 0);

  for (const [url, status, detail] of [
    ['', 400, /either run or config/],
    [`?run=${one.runId}&config=${first}`, 400, /either run or config/],
    ['?config=00000000-0000-4000-8000-000000000000', 404, /unknown config/],
    [`?run=${jobs[3]?.runId}`, 404, /has no predictions of split test/],
    [`?run=${one.runId}&split=validation`, 404, /has no predictions of split validation/],
  ] as const) {
    const { status: found, body } = await get(`/confusion${url}`);
    assert.equal(found, status, JSON.stringify(body));
    assert.match(JSON.stringify(body), detail);
  }
});

test('images of a run come as one picture with an ETag; 404 says why where the data set is not here', async () => {
  await writeFolder(join(places.folders[0] ?? '', 'photos'), imageFolder());
  const choice = { name: 'photos', imageSize: 160, classes: ['cat', 'dog'] };
  const train = { batchSize: 2 };
  const submitted = await app.inject(
    post('/api/v1/sweeps', { version: 1, name: 'seen', dataset: choice, train, seeds: [1] }),
  );
  const [job] = await waitingJobs(db, JSON.parse(submitted.body).id);
  assert.ok(job, submitted.body);
  const url = `/api/v1/runs/${job.runId}/images.png?images=1,0,0`;
  const missing = await app.inject(url);
  assert.equal(missing.statusCode, 404, missing.body);
  assert.match(missing.json().detail, /"photos" is not packed on the API.s machine.*npx ablate data pack photos/);
  assert.equal(missing.headers.etag, undefined);

  const dataset = await openDataset(choice, places);
  await claimRun(db, { ...job, worker: 'box/1' });
  await startAttempt(db, { ...job, ...STARTED, datasetHash: dataset.hash });
  const drawn = await app.inject(url);
  assert.deepEqual([drawn.statusCode, drawn.headers['content-type']], [200, 'image/png'], drawn.body.slice(0, 300));
  const { width, height, data } = PNG.sync.read(drawn.rawPayload);
  assert.deepEqual([width, height], [8 * 128, 128], 'larger images are reduced');
  // The green of an image is its class: cat 0, dog 1.
  const green = (tile: number) => data[(64 * width + 128 * tile + 64) * 4 + 1];
  assert.deepEqual([0, 1, 2].map(green), [1, 0, 0]);
  const etag = String(drawn.headers.etag);
  assert.equal((await app.inject({ url, headers: { 'if-none-match': etag } })).statusCode, 304);
  assert.notEqual((await app.inject(url.replace('1,0', '1'))).headers.etag, etag);

  const many = Array.from({ length: 65 }, (_, i) => i).join();
  for (const wrong of [many, '', '1,-1', 'x']) {
    const refused: { statusCode: number; body: string } = await app.inject(
      `/api/v1/runs/${job.runId}/images.png?images=${wrong}`,
    );
    assert.deepEqual([refused.statusCode, /1 to 64 indices/.test(refused.body)], [400, true], refused.body);
  }
  await startAttempt(db, { ...job, ...STARTED, datasetHash: 'f'.repeat(64) });
  const other = await app.inject(url);
  assert.deepEqual([other.statusCode, /other contents/.test(other.json().detail)], [404, true]);
});

test('the log of each attempt, and its end a week after a run without a checkpoint', async () => {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  assert.ok(job);
  const url = `/runs/${job.runId}/log`;
  assert.deepEqual((await get(url)).body, { attempt: 0, dropped: 0, lines: [] });
  await claimRun(db, { ...job, worker: 'box/1' });
  const at = '2026-11-26T07:00:00.000Z';
  const text = `${at} started\n${at} step  1`;
  await recordLogs(db, [{ ...job, text: `${at} begun`, dropped: 0 }]);
  await recordLogs(db, [
    { ...job, text, dropped: 4 },
    { ...job, attempt: 9, text, dropped: 0 },
  ]);
  const log = RunLog.parse((await get(url)).body);
  assert.deepEqual(log, {
    attempt: 1,
    dropped: 4,
    lines: [
      { at, text: 'started' },
      { at, text: 'step  1' },
    ],
  });
  await endAttempt(db, { ...job, cause: 'user_error', message: 'no' });
  assert.equal(await expireLogs(db, { dryRun: false }), 0);
  assert.equal(await expireLogs(db, { dryRun: true, days: 0 }), 1);
  assert.equal((await get(`${url}?attempt=1`)).body.lines.length, 2, 'a dry run removes nothing');
  assert.equal(await expireLogs(db, { dryRun: false, days: 0 }), 1);
  assert.deepEqual((await get(`${url}?attempt=1`)).body.lines, []);
  assert.equal((await get('/runs/00000000-0000-4000-8000-000000000000/log')).status, 404);
});

test('the fleet: what runs where, and the first reason for which each sweep waits', async () => {
  await db.pool.query(`TRUNCATE sweep CASCADE`);
  const causes = async () =>
    new Map(
      FleetView.parse((await get('/fleet')).body).waiting.map(({ sweep, cause, because }) => [
        sweep.name,
        [cause, because],
      ]),
    );
  await newSweep(db, { name: 'plain', seeds: 2 });
  assert.deepEqual((await causes()).get('plain')?.[0], 'no worker');
  await registerWorker(db, {
    ...{ name: 'box/1', host: 'box', pid: 1, version: '0', slots: 1, device: 'CPU', leaseSeconds: 60 },
  });
  assert.equal((await causes()).get('plain')?.[0], 'next');

  const begun = async (options: Parameters<typeof newSweep>[1]) => {
    const [job] = await waitingJobs(db, (await newSweep(db, { seeds: 2, ...options })).id);
    assert.ok(job && (await claimRun(db, { ...job, worker: 'box/1' })));
    return job;
  };
  const first = await begun({ name: 'limited', limits: { running: 1 } });
  const shared = await begun({ name: 'shared', owner: 'eve' });
  const poor = await begun({ name: 'poor', budget: { deviceHours: 1e-9 } });
  await db.pool.query(`UPDATE owner SET max_running = 1 WHERE name = 'eve'`);
  await db.pool.query('UPDATE outbox SET dispatched_at = NULL');
  const paused = await newSweep(db, { name: 'paused' });
  await app.inject(post(`/api/v1/sweeps/${paused.id}/pause`));
  await newSweep(db, { name: 'low', owner: 'ann', priority: -1 });
  await newSweep(db, { name: 'urgent', owner: 'ann', priority: 5 });
  await db.pool.query(
    `UPDATE run SET progress = '{"step":1,"totalSteps":9,"epoch":0.1,"epochs":1,"loss":1,"samplesPerSecond":120,"secondsLeft":4}' WHERE id = $1`,
    [first.runId],
  );
  const found = await causes();
  assert.deepEqual(Object.fromEntries([...found].map(([name, [cause]]) => [name, cause])), {
    ...{ urgent: 'slots', plain: 'slots', limited: 'limit of the sweep', paused: 'paused' },
    ...{ low: 'priority', poor: 'budget', shared: 'limit of the owner' },
  });
  assert.equal(found.get('low')?.[1], 'runs of ann with priority 5 come first');
  assert.equal(found.get('plain')?.[1], 'the only slot is in use');
  const { workers, running, total } = FleetView.parse((await get('/fleet')).body);
  assert.deepEqual(
    workers.map(({ name, samplesPerSecond }) => [name, samplesPerSecond]),
    [['box/1', 120]],
  );
  assert.deepEqual(
    running.map(({ id, worker, sweep }) => [id, worker, sweep.name]),
    [
      [first.runId, 'box/1', 'limited'],
      [shared.runId, 'box/1', 'shared'],
      [poor.runId, 'box/1', 'poor'],
    ],
  );
  assert.deepEqual(total, { running: 3, waiting: 7 });
});

test('an invalid body of another route is not called a spec', async () => {
  const { statusCode, body } = await app.inject(post('/api/v1/sql', { sql: 7 }));
  assert.deepEqual([statusCode, JSON.parse(body).title], [422, 'Invalid request body']);
});
