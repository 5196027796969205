import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import {
  claimInspection,
  finishInspection,
  finishRun,
  openDatabase,
  recordCheckpoint,
  recordInside,
  registerWorker,
} from '@ablate/db';
import { encodePng } from '@ablate/files/png';
import { findInspection, inspectionResult, localContext, requestInspection } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { checkpoint, claimedJob, RESULT } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());
const context = localContext(db);

const facts = { host: 'h', pid: 1, version: '1', slots: 1, device: null, leaseSeconds: 1_000 };
const png = Buffer.from(encodePng({ width: 3 * 32, height: 32, pixels: new Uint8Array(3 * 32 * 32 * 3) }));

/** A run that succeeded, with three images and a best checkpoint. */
async function finished(): Promise<string> {
  const job = await claimedJob(db);
  const maps = { bytes: Buffer.from('maps'), sha256: 'maps' };
  await recordInside(db, { ...job, inside: { maps, images: { bytes: png, sha256: 'png' } } });
  await recordCheckpoint(db, { ...job, checkpoint: checkpoint('best', 10) });
  await finishRun(db, { ...job, result: RESULT });
  return job.runId;
}

test('an inspection is asked for, claimed by one worker, and has a result', async () => {
  const runId = await finished();
  await assert.rejects(requestInspection(context, { runId }), /no worker is alive/);
  await registerWorker(db, { ...facts, name: 'h/1' });
  const asked = await requestInspection(context, { runId, images: [2, 0] });
  assert.deepEqual([asked.state, asked.images], ['queued', [0, 2]]);
  const again = await requestInspection(context, { runId, images: [0, 2] });
  assert.equal(again.id, asked.id, 'the same request gives the same inspection');
  assert.notEqual((await requestInspection(context, { runId })).id, asked.id);
  assert.equal(await claimInspection(db, { waited: 10 }), null, 'a busy worker leaves it to others for a while');

  const claims = await Promise.all([1, 2, 3].map(() => claimInspection(db, { waited: 0 })));
  const claimed = claims.filter((claim) => claim !== null);
  assert.deepEqual([claimed.length, new Set(claimed.map(({ id }) => id)).size], [2, 2]);
  const claim = claimed.find(({ id }) => id === asked.id) ?? assert.fail();
  assert.deepEqual([claim.images, claim.picture, claim.checkpoint], [[0, 2], null, checkpoint('best', 10)]);
  assert.ok(claim.strip?.equals(png));
  await assert.rejects(inspectionResult(context, { id: asked.id }), /the inspection is running/);
  assert.equal(await finishInspection(db, claim, { sha256: 'abc', data: Buffer.from('result') }), true);
  assert.equal(await finishInspection(db, claim, { message: 'late' }), false);
  const { sha256, bytes } = await inspectionResult(context, { id: asked.id });
  assert.deepEqual([sha256, bytes?.toString()], ['abc', 'result']);
  assert.equal((await inspectionResult(context, { id: asked.id, known: ['abc'] })).bytes, null);
});

test('an inspection whose worker is lost goes to another, and fails at the second time', async () => {
  const runId = await finished();
  const { id } = await requestInspection(context, { runId, picture: Buffer.from('a picture') });
  const lose = () => db.pool.query(`UPDATE inspection SET claimed_at = now() - interval '1 hour' WHERE id = $1`, [id]);
  const first = (await claimInspection(db, { waited: 0 })) ?? assert.fail();
  assert.deepEqual([first.picture?.toString(), first.strip], ['a picture', null]);
  await lose();
  const second = (await claimInspection(db, { waited: 0 })) ?? assert.fail();
  assert.deepEqual([second.id, second.attempt], [id, 2]);
  assert.equal(await finishInspection(db, first, { message: 'late' }), false);
  await lose();
  assert.equal(await claimInspection(db, { waited: 0 }), null);
  const { state, message } = await findInspection(context, id);
  assert.deepEqual([state, message], ['failed', 'the workers that inspected it were lost']);
  const { rows } = await db.pool.query('SELECT picture FROM inspection WHERE id = $1', [id]);
  assert.equal(rows[0].picture, null, 'the picture is forgotten');
  const again = await requestInspection(context, { runId, picture: Buffer.from('a picture') });
  assert.deepEqual([again.id, again.state], [id, 'queued'], 'a failed inspection is made again');
  assert.equal((await claimInspection(db, { waited: 0 }))?.picture?.toString(), 'a picture');
});

test('the newest inspections are kept, and so many may wait', async () => {
  const runId = await finished();
  await db.pool.query(
    `INSERT INTO inspection (run_id, request, state, asked_at) SELECT $1, n, 'done', now() - n * interval '1 minute'
     FROM generate_series(1, 100) n`,
    [runId],
  );
  await requestInspection(context, { runId, images: [1] });
  const { rowCount } = await db.pool.query('SELECT FROM inspection');
  assert.equal(rowCount, 64);
  await db.pool.query(`UPDATE inspection SET state = 'queued'`);
  await assert.rejects(requestInspection(context, { runId }), /32 inspections wait/);
});

test('what no worker could inspect is refused', async () => {
  await db.pool.query('DELETE FROM inspection');
  const running = await claimedJob(db);
  await assert.rejects(requestInspection(context, { runId: running.runId }), /the run is running/);
  const runId = await finished();
  await assert.rejects(requestInspection(context, { runId, images: [3] }), /images 0 to 2, not 3/);
  await db.pool.query(
    `UPDATE config SET config = jsonb_set(config, '{model,patchSize}', '1') WHERE id = (SELECT config_id FROM run WHERE id = $1)`,
    [runId],
  );
  await assert.rejects(requestInspection(context, { runId }), /MiB, more than 16: ask for \d at most|too many tokens/);
  await db.pool.query('DELETE FROM checkpoint WHERE run_id = $1', [runId]);
  await assert.rejects(requestInspection(context, { runId, images: [0] }), /checkpoint of run .* was deleted/);
});
