import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { checkpointKey, openCheckpointStore, StoreAddress } from '@ablate/checkpoints';
import { claimRun, dispatch } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { removeOldScratch } from '../../apps/worker/src/attempt-folder.ts';
import { findS3Server, NO_S3_SERVER, startS3 } from '../support/s3.ts';
import { service } from '../support/service.ts';
import { tinyConfig } from '../support/tiny.ts';

async function resumesElsewhere(t: TestContext, text: string): Promise<void> {
  const { db, submit, worker, finished, row, rows, until } = await service(t);
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env;
  const [runId = ''] = await submit([tinyConfig({ epochs: 6 }, 1600)]);
  const machines = [temporaryFolder(), temporaryFolder()];
  const homes = machines.map(({ path }) => path);
  const start = (home: string) =>
    worker({ ABLATE_CHECKPOINTS: text, ABLATE_HOME: home, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  const first = start(homes[0] ?? '');
  await until('a checkpoint is saved', `SELECT id FROM checkpoint WHERE kind = 'last' AND step > 45`);
  first.process.kill('SIGTERM');
  assert.equal(await first.exited, 0);
  const saved = await row<{ step: number }>('SELECT max(step) AS step FROM any_checkpoint');
  const second = start(homes[1] ?? '');
  await finished();

  const attempts = await rows<{ cause: string; resumed_from: number }>(
    `SELECT cause, resumed_from FROM attempt ORDER BY number`,
  );
  assert.deepEqual(
    attempts.map(({ cause, resumed_from }) => [cause, resumed_from]),
    [
      ['preempted', null],
      ['completed', saved?.step],
    ],
  );
  second.process.kill('SIGTERM');
  await second.exited;
  for (const home of homes) {
    assert.deepEqual(readdirSync(join(home, 'scratch')), []);
    assert.equal(existsSync(join(home, 'checkpoints')), false);
  }
  const store = await openCheckpointStore(StoreAddress.parse(text), db);
  t.after(() => store.close());
  const files = await rows<{ file: string; sha256: string }>('SELECT file, sha256 FROM any_checkpoint');
  for (const { file, sha256 } of files) {
    const found = await store.get(checkpointKey(runId, file));
    assert.ok(found);
    assert.equal(
      createHash('sha256')
        .update(await buffer(found.stream))
        .digest('hex'),
      sha256,
    );
  }
  const stored: string[] = [];
  for await (const { key } of store.list()) stored.push(key);
  assert.deepEqual(stored.sort(), files.map(({ file }) => checkpointKey(runId, file)).sort());
}

const WHAT = 'a run resumes on another machine, and leaves no files on the first';
test(`with checkpoints in Postgres ${WHAT}`, (t) => resumesElsewhere(t, 'postgres:'));

const s3Server = findS3Server();
test(`with checkpoints in S3 ${WHAT}`, { skip: s3Server === undefined && NO_S3_SERVER }, async (t) => {
  const { bucket, endpoint } = await startS3({ after: (done) => t.after(done) }, s3Server!);
  await resumesElsewhere(t, `s3://${bucket}?endpoint=${encodeURIComponent(endpoint)}`);
});

test('scratch folders of killed workers are removed, those of running attempts are not', async (t) => {
  const { db, submit } = await service(t);
  const [runId = ''] = await submit([tinyConfig()]);
  const [job] = (await dispatch(db, { window: 1, room: 1 })).jobs;
  assert.ok(job);
  assert.ok(await claimRun(db, { ...job, worker: 'test' }));
  const scratch = temporaryFolder();
  const gone = [`${runId}-2`, '11111111-2222-4333-8444-555555555555-1'];
  for (const name of [`${runId}-1`, 'notes', ...gone]) mkdirSync(join(scratch.path, name));
  writeFileSync(join(scratch.path, gone[0] ?? '', 'last-1-1.safetensors'), 'x');
  await removeOldScratch(db, scratch.path);
  assert.deepEqual(readdirSync(scratch.path).sort(), [`${runId}-1`, 'notes'].sort());
  await removeOldScratch(db, join(scratch.path, 'none'));
});
