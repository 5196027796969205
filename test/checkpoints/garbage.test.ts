import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { checkpointKey, collectGarbage, openCheckpointStore } from '@ablate/checkpoints';
import type { CheckpointFile, RunJob } from '@ablate/contracts';
import {
  claimRun,
  endAttempt,
  finishRun,
  namedFiles,
  openDatabase,
  type Retention,
  recordCheckpoint,
} from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { listCheckpoints, localContext, pinCheckpoint, retryRun } from '@ablate/sweeps';
import { checkpoint, claim, newSweep, RESULT, waitingJobs } from '../db/small-sweep.ts';
import { testDatabase } from '../support/postgres.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
const context = localContext(db);
after(() => db.close());
const folder = temporaryFolder();
const store = await openCheckpointStore({ kind: 'file', folder: folder.path }, db);

const DAY = 86_400;
const old = (path: string) => utimesSync(path, Date.now() / 1000 - 2 * DAY, Date.now() / 1000 - 2 * DAY);

function write(runId: string, file: string, bytes = 100): void {
  mkdirSync(join(folder.path, runId), { recursive: true });
  writeFileSync(join(folder.path, runId, file), Buffer.alloc(bytes));
  old(join(folder.path, runId, file));
}

async function save(job: RunJob, kind: CheckpointFile['kind'], step: number, keep?: Retention): Promise<string[]> {
  const file = `${kind}-${job.attempt}-${step}.safetensors`;
  write(job.runId, file);
  assert.ok(await recordCheckpoint(db, { ...job, checkpoint: { ...checkpoint(kind, step), file, bytes: 100 }, keep }));
  const named = new Set((await namedFiles(db, job.runId)).map((row) => row.file));
  const unnamed = files(job.runId).filter((name) => !named.has(name));
  for (const name of unnamed) rmSync(join(folder.path, job.runId, name));
  return unnamed;
}

async function claimed(count: number): Promise<RunJob[]> {
  const jobs = await waitingJobs(db, (await newSweep(db, { configs: count })).id);
  for (const job of jobs) assert.ok(await claimRun(db, { ...job, worker: 'w' }));
  return jobs;
}
const files = (runId: string): string[] => readdirSync(join(folder.path, runId)).sort();
const rowsOf = async (runId: string): Promise<string[]> =>
  (await listCheckpoints(context, runId)).map(({ kind, step, current }) => `${kind} ${step}${current ? '' : ' past'}`);
const collect = (dryRun: boolean, keep: Retention = { best: 1, last: 2 }) =>
  collectGarbage(db, store, { keep, graceSeconds: DAY, dryRun });

test('a run keeps the newest checkpoints of each kind, and a claim lists them newest first', async () => {
  const [job] = await claimed(1);
  assert.ok(job);
  const keep = { best: 1, last: 3 };
  assert.deepEqual(await save(job, 'best', 1, keep), []);
  for (const step of [1, 2, 3]) assert.deepEqual(await save(job, 'last', step, keep), []);
  assert.deepEqual(await save(job, 'last', 4, keep), ['last-1-1.safetensors']);
  assert.deepEqual(await save(job, 'last', 4, keep), [], 'recording twice is idempotent');
  assert.deepEqual(await save(job, 'best', 5, keep), ['best-1-1.safetensors']);
  assert.deepEqual(await rowsOf(job.runId), ['best 5', 'last 4', 'last 3 past', 'last 2 past']);
  await endAttempt(db, { ...job, cause: 'lost', message: 'test' });
  const again = await claim(db, { ...job, attempt: 2 });
  assert.deepEqual(
    again?.checkpoints.map(({ kind, step }) => [kind, step]),
    [
      ['best', 5],
      ['last', 4],
      ['last', 3],
      ['last', 2],
    ],
  );
});

test('a pinned checkpoint is kept until it is unpinned', async () => {
  const [job] = await claimed(1);
  assert.ok(job);
  const keep = { best: 1, last: 1 };
  await save(job, 'last', 1, keep);
  const [first] = await listCheckpoints(context, job.runId);
  assert.ok(first);
  assert.equal((await pinCheckpoint(context, { id: first.id, pinned: true })).pinned, true);
  for (const step of [2, 3]) await save(job, 'last', step, keep);
  assert.deepEqual(await rowsOf(job.runId), ['last 3', 'last 1 past']);
  await finishRun(db, { ...job, result: RESULT });
  assert.equal((await collect(false, keep)).expired.length, 0);
  await pinCheckpoint(context, { id: first.id, pinned: false });
  assert.deepEqual((await collect(false, keep)).expired, [
    { key: checkpointKey(job.runId, 'last-1-1.safetensors'), bytes: 100 },
  ]);
  assert.deepEqual(files(job.runId), ['last-1-3.safetensors']);
});

test('a dry run lists what garbage collection removes, and removes nothing', async () => {
  const [champion, other, running] = await claimed(3);
  assert.ok(champion && other && running);
  for (const job of [champion, other, running]) {
    await save(job, 'best', 1);
    for (const step of [1, 2, 3]) await save(job, 'last', step);
  }
  await finishRun(db, { ...champion, result: { ...RESULT, valAccuracy: 0.9 } });
  await finishRun(db, { ...other, result: { ...RESULT, valAccuracy: 0.8 } });
  write(other.runId, 'last-1-99.safetensors', 7); // a worker died between the file and its row
  write(other.runId, 'best-1-99.safetensors.partial', 8);
  write(running.runId, 'last-1-98.safetensors', 7); // its row may come
  writeFileSync(join(folder.path, running.runId, 'last-1-100.safetensors'), 'young: its row may come');
  write(running.runId, 'notes.txt', 9);
  const stranger = '11111111-2222-4333-8444-555555555555';
  write(stranger, 'last-1-1.safetensors', 10);
  rmSync(join(folder.path, running.runId, 'last-1-2.safetensors'));

  const none = { best: 0, last: 0 };
  const before = [champion, other, running].map(({ runId }) => files(runId));
  const dry = await collect(true, none);
  assert.deepEqual(
    [champion, other, running].map(({ runId }) => files(runId)),
    before,
  );
  assert.deepEqual(
    dry.expired.map(({ key }) => key).filter((key) => key.startsWith(champion.runId)),
    ['last-1-2.safetensors', 'last-1-3.safetensors'].map((file) => checkpointKey(champion.runId, file)),
  );
  assert.deepEqual(
    dry.orphans.map(({ key, bytes }) => [key, bytes]).sort(),
    [
      [checkpointKey(other.runId, 'last-1-99.safetensors'), 7],
      [checkpointKey(other.runId, 'best-1-99.safetensors.partial'), 8],
    ].sort(),
  );
  assert.deepEqual(
    dry.missing.map(({ key }) => key),
    [checkpointKey(running.runId, 'last-1-2.safetensors')],
  );
  assert.deepEqual(
    new Set(dry.foreign.map(({ key }) => key)),
    new Set(
      [
        checkpointKey(stranger, 'last-1-1.safetensors'),
        checkpointKey(running.runId, 'notes.txt'),
        checkpointKey(running.runId, 'last-1-100.safetensors'),
      ].filter((key) => !key.endsWith('100.safetensors')),
    ),
  );
  const wet = await collect(false, none);
  assert.deepEqual({ ...wet, dryRun: true }, dry);
  assert.equal(wet.bytes, wet.expired.length * 100 + 7 + 8);
  assert.deepEqual(files(champion.runId), ['best-1-1.safetensors'], 'the best of the sweep’s best run stays');
  assert.deepEqual(files(other.runId), []);
  assert.deepEqual(await rowsOf(running.runId), ['best 1', 'last 3', 'last 2 past'], 'a running run is not touched');
  const again = await collect(false, none);
  assert.deepEqual([again.files, again.bytes], [0, 0]);
});

test('with a grace of 0 s, the file that a running attempt is about to record is kept', async () => {
  const [job] = await claimed(1);
  assert.ok(job);
  write(job.runId, 'last-1-5.safetensors');
  const { orphans } = await collectGarbage(db, store, { keep: { best: 1, last: 1 }, graceSeconds: 0, dryRun: false });
  assert.deepEqual(
    orphans.filter(({ key }) => key.startsWith(job.runId)),
    [],
  );
  assert.deepEqual(files(job.runId), ['last-1-5.safetensors']);
  await finishRun(db, { ...job, result: RESULT });
  await collectGarbage(db, store, { keep: { best: 1, last: 1 }, graceSeconds: 0, dryRun: false });
  assert.deepEqual(files(job.runId), []);
});

test('a checkpoint that is pinned while garbage is collected is kept, and a run that is retried meanwhile keeps none', async () => {
  const [pinned, retried] = await claimed(2);
  assert.ok(pinned && retried);
  for (const job of [pinned, retried]) {
    await save(job, 'last', 1);
    await endAttempt(db, { ...job, cause: 'diverged', message: 'test' });
  }
  const client = await db.pool.connect();
  await client.query('BEGIN');
  await client.query('UPDATE checkpoint SET pinned_at = now() WHERE run_id = $1', [pinned.runId]);
  const collecting = collect(false, { best: 0, last: 0 });
  for (let waits = false; !waits; ) {
    const { rowCount } = await db.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    waits = rowCount !== 0;
  }
  const retry = retryRun(context, retried.runId); // waits until the rows are deleted
  await client.query('COMMIT');
  client.release();
  const { expired } = await collecting;
  assert.deepEqual(
    expired.map(({ key }) => key).filter((key) => [pinned, retried].some(({ runId }) => key.startsWith(runId))),
    [checkpointKey(retried.runId, 'last-1-1.safetensors')],
  );
  await retry;
  assert.deepEqual(files(pinned.runId), ['last-1-1.safetensors']);
  assert.deepEqual(await rowsOf(pinned.runId), ['last 1']);
  assert.deepEqual((await claim(db, { ...retried, attempt: 2 }))?.checkpoints, []);
});

test('a newer checkpoint waits for a pin in progress, and keeps what is pinned', async () => {
  const [job] = await claimed(1);
  assert.ok(job);
  const write = (step: number) =>
    recordCheckpoint(db, { ...job, keep: { best: 1, last: 1 }, checkpoint: checkpoint('last', step) });
  await write(1);
  const client = await db.pool.connect();
  await client.query('BEGIN');
  await client.query('UPDATE checkpoint SET pinned_at = now() WHERE run_id = $1', [job.runId]);
  const next = write(2);
  for (let waits = false; !waits; ) {
    const { rowCount } = await db.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    waits = rowCount !== 0;
  }
  await client.query('COMMIT');
  client.release();
  assert.equal(await next, true);
  assert.deepEqual(await rowsOf(job.runId), ['last 2', 'last 1 past']);
});
