/** The lists of sweeps and of runs: what they say of each, their filters and their orders. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { RunView, SweepItem, SweepState } from '@ablate/contracts';
import { beat, claimRun, endAttempt, finishRun, openDatabase } from '@ablate/db';
import {
  cancelSweep,
  findSweep,
  listRuns,
  listSweeps,
  localContext,
  pauseSweep,
  type SweepFilter,
  storeAnswers,
} from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { newSweep, PROGRESS, RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
const context = localContext(db);
after(() => db.close());

/** All items in pages of two. */
async function listed(filter: SweepFilter): Promise<SweepItem[]> {
  const items: SweepItem[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 20; pages++) {
    const page = await listSweeps(context, { ...filter, limit: 2, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
  throw new Error('the list has no end');
}
const names = async (filter: SweepFilter) => (await listed(filter)).map(({ name }) => name);

await newSweep(db, { name: 'b waits', owner: 'ann' });
const paused = await newSweep(db, { name: 'a stands still', owner: 'bob' });
await pauseSweep(context, paused.id);
const gone = await newSweep(db, { name: 'c is over', owner: 'ann' });
await cancelSweep(context, gone.id);

const trained = await newSweep(db, { name: 'd has a result', configs: 2, seeds: 2 });
for (const [i, job] of (await waitingJobs(db, trained.id)).entries()) {
  await claimRun(db, { ...job, worker: 'test' });
  await finishRun(db, { ...job, result: { ...RESULT, testAccuracy: 0.5 + (i * i) / 100 } });
}
const training = await newSweep(db, { name: 'e trains <100%>', configs: 3, seeds: 2 });
const [done, active] = await waitingJobs(db, training.id);
assert.ok(done && active);
for (const job of [done, active]) await claimRun(db, { ...job, worker: 'test' });
await db.pool.query(`UPDATE attempt SET started_at = now() - interval '40 seconds' WHERE run_id = $1`, [done.runId]);
await finishRun(db, { ...done, result: RESULT });
await beat(db, { ...active, progress: { ...PROGRESS, secondsLeft: 10 } });

test('an item says what the sweep varies, what it found, what it cost, and how long it will take', async () => {
  const before = new Map((await listed({})).map((item) => [item.name, item]));
  assert.equal(before.get('d has a result')?.verdict, null);
  await storeAnswers(context);
  const items = new Map((await listed({})).map((item) => [item.name, item]));
  const result = items.get('d has a result');
  assert.deepEqual([result?.state, result?.varies, result?.secondsLeft], ['finished', 'depth × 2 seeds', null]);
  assert.match(result?.verdict ?? '', /^Depth 2 cannot be told from the baseline /);
  const running = items.get('e trains <100%>');
  // One runs and has 10 s left; four wait, of 40 s each.
  assert.deepEqual(
    [running?.state, Math.round(running?.deviceSeconds ?? 0), Math.round(running?.secondsLeft ?? 0)],
    ['running', 40, 10 + 4 * 40],
  );
  assert.deepEqual([items.get('b waits')?.varies, items.get('b waits')?.secondsLeft], ['one config × 1 seed', null]);
  const { spec: _, ...detail } = await findSweep(context, training.id);
  assert.deepEqual({ ...detail, secondsLeft: 0 }, { ...running, secondsLeft: 0 });
});

test('a list is filtered by state, as each item states it, by owner, and by a search', async () => {
  const expected: Record<SweepState, string[]> = {
    queued: ['b waits'],
    paused: ['a stands still'],
    cancelled: ['c is over'],
    finished: ['d has a result'],
    running: ['e trains <100%>'],
  };
  for (const state of Object.keys(expected) as SweepState[]) {
    const items = await listed({ state });
    assert.deepEqual(
      items.map(({ name }) => name),
      expected[state],
    );
    assert.deepEqual(
      items.map((item) => item.state),
      [state],
    );
  }
  assert.deepEqual(await names({ owner: 'ann' }), ['c is over', 'b waits']);
  assert.deepEqual(await names({ search: '100%' }), ['e trains <100%>']);
  assert.deepEqual(await names({ search: 'ANN', state: 'queued' }), ['b waits']);
  assert.deepEqual(await names({ search: trained.id.slice(0, 8).toUpperCase() }), ['d has a result']);
  assert.deepEqual(await names({ search: '_' }), []);
});

test('every order has every sweep once, over all pages', async () => {
  const newest = ['e trains <100%>', 'd has a result', 'c is over', 'a stands still', 'b waits'];
  assert.deepEqual(await names({}), newest);
  assert.deepEqual(await names({ order: 'oldest' }), newest.toReversed());
  assert.deepEqual(await names({ order: 'name' }), newest.toSorted());
  const costs = await listed({ order: 'cost' });
  assert.equal(costs[0]?.name, 'e trains <100%>');
  assert.deepEqual(costs.map(({ name }) => name).sort(), newest.toSorted());
});

test('a sweep whose search may ask for more is running while no run is', async () => {
  await db.pool.query('UPDATE sweep SET searching = true WHERE id = $1', [trained.id]);
  assert.deepEqual((await names({ state: 'running' })).sort(), ['d has a result', 'e trains <100%>']);
  await db.pool.query('UPDATE sweep SET searching = false WHERE id = $1', [trained.id]);
  assert.deepEqual(await names({ state: 'running' }), ['e trains <100%>']);
});

test('a sweep of which every run failed has its place by cost, once the leader has seen it', async () => {
  const costly = await newSweep(db, { name: 'f fails at length' });
  for (const job of await waitingJobs(db, costly.id)) {
    await claimRun(db, { ...job, worker: 'test' });
    await db.pool.query(`UPDATE attempt SET started_at = now() - interval '1 hour' WHERE run_id = $1`, [job.runId]);
    await endAttempt(db, { ...job, cause: 'user_error', message: 'no such data set' });
  }
  await storeAnswers(context);
  assert.equal((await names({ order: 'cost' }))[0], 'f fails at length');
  await db.pool.query('DELETE FROM sweep WHERE id = $1', [costly.id]);
});

test('runs are ordered by what a column shows, those without a figure last, each once over all pages', async () => {
  async function runs(options: Partial<Parameters<typeof listRuns>[1]>): Promise<RunView[]> {
    const found: RunView[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 20; pages++) {
      const page = await listRuns(context, {
        sweepId: trained.id,
        ...options,
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      found.push(...page.items);
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
    throw new Error('the list has no end');
  }
  const tested = async (descending: boolean) =>
    (await runs({ order: 'test', descending })).map(({ testAccuracy }) => testAccuracy);
  assert.deepEqual(await tested(false), [0.5, 0.51, 0.54, 0.59]);
  assert.deepEqual(await tested(true), [0.59, 0.54, 0.51, 0.5]);
  const configs = (await runs({ order: 'config' })).map(({ axes, seed }) => [axes['model.depth'], seed]);
  assert.deepEqual(configs, [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ]);
  for (const descending of [false, true]) {
    const accuracies = (await runs({ sweepId: training.id, order: 'validation', descending })).map(
      (run) => run.valAccuracy,
    );
    assert.deepEqual(accuracies, [RESULT.valAccuracy, null, null, null, null, null]);
  }
  for (const order of ['position', 'seed', 'state', 'attempts'] as const)
    assert.equal(new Set((await runs({ sweepId: training.id, order })).map(({ id }) => id)).size, 6, order);
});
