import assert from 'node:assert/strict';
import test from 'node:test';
import { beatWorker, endAttempt, registerWorker } from '@ablate/db';
import { workersCheck } from '../../apps/cli/src/doctor/services.ts';
import { claim, newSweep, waitingJobs } from '../db/small-sweep.ts';
import { ablate, assertDone, startApi } from './command-line.ts';

test('retry lists and requeues the failed runs of a sweep; show, ls and doctor say that no worker is alive', async (t) => {
  const { db, apiUrl } = await startApi(t);
  const env = { ABLATE_API_URL: apiUrl };
  const { id } = await newSweep(db, { configs: 3 });
  const [failed, waiting] = await waitingJobs(db, id);
  assert.ok(failed && waiting && (await claim(db, failed)));
  await endAttempt(db, { ...failed, cause: 'user_error', message: 'data set "pets" not found' });

  const dry = await ablate(['retry', id, '--failed', '--dry-run'], { env });
  assertDone(dry);
  assert.match(dry.out, new RegExp(`${failed.runId}.*user_error.*data set "pets" not found`));
  assert.match(dry.out, /^1 run would be retried; nothing was changed$/m);

  const shown = await ablate(['show', id], { env });
  assertDone(shown);
  assert.match(shown.err, /^no worker has started yet: runs wait for one/m);
  const worker = { name: 'host/7', host: 'host', pid: 7, version: '0.1.0', slots: 2, device: 'CPU', leaseSeconds: 15 };
  const workerId = await registerWorker(db, worker);
  await db.pool.query(`UPDATE worker SET heartbeat_at = '2026-01-02T03:04:05Z'`);
  const retried = await ablate(['retry', id], { env });
  assertDone(retried);
  assert.equal(retried.out, `sweep ${id}: queued, 3 runs queued\n`);
  const listed = await ablate(['ls'], { env });
  assert.match(listed.err, /^no worker since 2026-01-02 03:04:05 UTC \(host\/7, lost\): runs wait for one/m);
  const checked = async () => workersCheck({ apiUrl }, new AbortController().signal);
  assert.match((await checked())[0]?.detail ?? '', /^no worker since 2026-01-02/);
  assert.equal(await beatWorker(db, workerId), true);
  assert.deepEqual(await checked(), [{ name: 'Workers', state: 'ok', detail: '1 alive, slots: 2 (CPU)' }]);
  assert.doesNotMatch((await ablate(['show', id], { env })).err, /no worker/);

  const again = await ablate(['retry', id], { env });
  assert.equal(again.code, 1);
  assert.match(again.err, /no run of this sweep is failed or cancelled: nothing to retry/);
});
