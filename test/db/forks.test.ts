/** Runs that start from the checkpoint of a run with another config. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { RunJob } from '@ablate/contracts';
import { expireCheckpoints, findReusable, finishRun, openDatabase, recordCheckpoint, restRun } from '@ablate/db';
import { queueSweep } from '@ablate/harness/queue-sweep';
import {
  advanceSearches,
  cancelRun,
  findRun,
  listCheckpoints,
  listDecisions,
  localContext,
  openDecider,
} from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { pbtSpec } from '../support/searches.ts';
import { checkpoint, claim, outboxFaults, RESULT, waitingJobs } from './small-sweep.ts';

test('the checkpoint from which a run starts is kept until that run is finished, and neither run is reused', async (t) => {
  const { url } = await testDatabase(t);
  const db = openDatabase({ url, max: 3 });
  const decider = openDecider();
  t.after(async () => {
    await decider.close();
    await db.close();
  });
  const context = localContext(db);
  const keep = { best: 1, last: 1 };
  const save = (job: RunJob, kind: 'best' | 'last', step: number, epoch: number) =>
    recordCheckpoint(db, { ...job, checkpoint: { ...checkpoint(kind, step), epoch }, keep });
  const expired = async () => (await expireCheckpoints(db, { keep: { best: 0, last: 0 }, dryRun: false })).length;

  const { reuse: _, ...spec } = pbtSpec();
  const sweepId = await queueSweep(db, spec);
  await advanceSearches(context, decider);
  const first = await waitingJobs(db, sweepId);
  assert.equal(first.length, 4);
  for (const [i, job] of first.entries()) {
    assert.equal((await claim(db, job))?.fork, null);
    assert.equal(await findReusable(db, { ...job, code: 'c'.repeat(40) }), null);
    // The attempt of the best was lost between its two checkpoints.
    assert.ok(await save(job, 'best', 9, 1));
    if (i > 0) assert.ok(await save(job, 'last', 9, 1));
    assert.equal(await restRun(db, { ...job, epoch: 1, valAccuracy: 0.9 - i / 10, valLoss: 1 }), 'queued');
  }
  await advanceSearches(context, decider);
  const [parent] = first;
  assert.ok(parent);
  const next = await waitingJobs(db, sweepId);
  const fork = next.find(({ runId }) => first.every((job) => job.runId !== runId));
  assert.ok(fork && next.length === 4);
  const { forkedFrom, configHash, config } = await findRun(context, fork.runId);
  assert.equal(forkedFrom, parent.runId);
  assert.notEqual(configHash, (await findRun(context, parent.runId)).configHash);

  // The other run goes on first, and replaces its checkpoints.
  const going = { ...parent, attempt: parent.attempt + 1 };
  assert.ok(await claim(db, going));
  for (const step of [12, 15, 18]) for (const kind of ['best', 'last'] as const) await save(going, kind, step, 2);
  const kept = async () => (await listCheckpoints(context, parent.runId)).map(({ kind, step }) => `${kind} ${step}`);
  assert.deepEqual(await kept(), ['best 18', 'last 18', 'best 9']);
  await cancelRun(context, parent.runId);
  await db.pool.query(`UPDATE run SET state = 'cancelled' WHERE id = $1`, [parent.runId]);
  assert.equal(await expired(), 1);
  assert.deepEqual(await kept(), ['best 18', 'best 9'], 'of the best run that is finished, and what is needed');

  const claimed = await claim(db, fork);
  const { run, epoch, config: other, checkpoint: file } = claimed?.fork ?? {};
  assert.deepEqual([run, epoch, file?.file, file?.step], [parent.runId, 1, 'best-9.safetensors', 9]);
  assert.deepEqual(other, (await findRun(context, parent.runId)).config);
  assert.deepEqual(claimed?.config, config);
  assert.equal(claimed?.seed, 1);
  assert.equal(await findReusable(db, { ...fork, code: 'c'.repeat(40) }), null);
  assert.ok(await finishRun(db, { ...fork, result: RESULT }));
  assert.equal(await expired(), 1);
  assert.deepEqual(await kept(), ['best 18']);
  assert.deepEqual(await outboxFaults(db), []);

  const { items } = await listDecisions(context, { sweepId, limit: 50, summary: false });
  const text = items.map((item) => item.text).join('\n');
  assert.match(text, /Config 4, by pbt, goes on from config 0 after epoch 1: /);
  assert.match(text, /Run 4: config 4, seed 1, from run 0 after epoch 1, until epoch 2\./);
});
