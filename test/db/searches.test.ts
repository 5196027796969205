/** Limits of a search, and the runs that it leaves. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { openDatabase, restRun } from '@ablate/db';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { advanceSearches, listDecisions, localContext, openDecider, pauseRun, resumeRun } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { compareSpec, findSpec, LOG } from '../support/searches.ts';
import { claim, outboxFaults, waitingJobs } from './small-sweep.ts';

test('time that is up ends a search; what waits is pruned, and a run at its rung stays there', async (t) => {
  const { url } = await testDatabase(t);
  const db = openDatabase({ url, max: 3 });
  const decider = openDecider();
  t.after(async () => {
    await decider.close();
    await db.close();
  });
  const context = localContext(db);
  const kinds = async (id: string) => (await db.pool.query<{ kind: string }>(LOG, [id])).rows.map(({ kind }) => kind);

  const race = await queueSweep(db, { ...compareSpec(), budget: { wallClock: 1 } });
  assert.equal(await advanceSearches(context, decider), true);
  assert.equal(await advanceSearches(context, decider), false, 'nothing is new');
  assert.deepEqual(
    await kinds(race),
    Array.from({ length: 9 }, () => 'train'),
  );
  await db.pool.query(`UPDATE sweep SET created_at = now() - interval '2 hours' WHERE id = $1`, [race]);
  await advanceSearches(context, decider);
  assert.deepEqual((await kinds(race)).slice(-2), ['limit', 'finish']);
  const ended = await db.pool.query(
    `SELECT DISTINCT run.state::text AS state, sweep_finished($1) AS finished FROM run WHERE sweep_id = $1`,
    [race],
  );
  assert.deepEqual(ended.rows, [{ state: 'pruned', finished: true }]);
  const { items } = await listDecisions(context, { sweepId: race, limit: 10, summary: true });
  assert.deepEqual(
    items.map(({ text }) => text),
    ['A limit is reached: the time is up.', 'Finished, the time is up: no winner.'],
  );

  const find = await queueSweep(db, findSpec());
  await advanceSearches(context, decider);
  const [job] = await waitingJobs(db, find);
  assert.ok(job);
  const claimed = await claim(db, job);
  assert.equal(claimed?.until, 3);
  assert.equal(await restRun(db, { ...job, epoch: 3, valAccuracy: 0.5, valLoss: 1 }), 'queued');
  // Pausing and resuming it does not send it on.
  await pauseRun(context, job.runId);
  await resumeRun(context, job.runId);
  assert.ok((await waitingJobs(db, find)).every(({ runId }) => runId !== job.runId));
  assert.deepEqual(await outboxFaults(db), []);
});
