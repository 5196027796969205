/** Faults 1, 2, 3, 8, 10, 18, 19 and 23: workers and trainers are killed, frozen and restarted, and runs kill their trainer. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { countedRandom, randomKey } from '@ablate/random';
import { assertKept, causesOf } from './promises.ts';
import { LONG, SEED } from './settings.ts';

const POISON = {
  666: 'heap',
  667: 'abort',
  668: 'kill',
  669: 'exit',
  670: 'hang',
  671: 'error',
  672: 'diverge',
  673: 'unstorable',
};
const all = await install({
  workers: 2,
  env: {
    ...simulatedTrainer({ seconds: 1.5 }),
    ABLATE_SIMULATED_POISON: Object.entries(POISON)
      .map((pair) => pair.join(':'))
      .join(),
    ABLATE_SILENCE_SECONDS: '4',
  },
});
after(() => all.close());
const [first, second] = [all.workers[0]!, all.workers[1]!];
afterEach(() => Promise.all([first, second, all.api].map((one) => one.end('SIGKILL'))));

/** Wait until the attempt of the sweep's only run has saved at least `step`; returns the newest saved step. */
const savedOf = (sweep: string, attempt: number, step: number) =>
  all.until<{ step: number }>(
    `attempt ${attempt} has saved step ${step}`,
    `SELECT max(checkpoint.step) AS step FROM checkpoint JOIN run ON run.id = run_id
     WHERE run.sweep_id = $1 AND run.state = 'running' AND run.attempt = $2 AND checkpoint.attempt = $2
     HAVING max(checkpoint.step) >= $3`,
    [sweep, attempt, step],
  );

test(`1: a worker killed at random steps loses no more than the steps since its last checkpoint (seed ${SEED})`, async () => {
  const random = countedRandom(randomKey(SEED, 'kills'));
  const kills = LONG ? 50 : 3;
  for (let done = 0; done < kills; ) {
    const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 6 }));
    const known: number[] = [];
    first.start();
    // At most four for each run: each kill costs a lease.
    for (let attempt = 1; attempt <= 4 && done < kills; attempt++, done++) {
      const least = (known.at(-1) ?? 0) + 1 + random.integer(10);
      known.push((await savedOf(sweep, attempt, Math.min(least, 40))).step);
      await first.end('SIGKILL');
      first.start();
    }
    await all.finished();
    const attempts = await all.rows<{ from: number; cause: string }>(
      `SELECT resumed_from AS from, attempt.cause::text AS cause FROM attempt JOIN run ON run.id = run_id
       WHERE run.sweep_id = $1 ORDER BY number`,
      [sweep],
    );
    assert.deepEqual(
      attempts.map(({ cause }) => cause),
      [...known.map(() => 'lost'), 'completed'],
    );
    for (const [i, step] of known.entries())
      assert.ok(
        attempts[i + 1]!.from >= step,
        `step ${step} was saved, but attempt ${i + 2} resumed from ${attempts[i + 1]!.from}`,
      );
    await assertKept(all, [sweep]);
    await first.end('SIGKILL');
  }
});

test('1: after the last worker has died, a worker that starts later takes over', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 2 }));
  first.start();
  await savedOf(sweep, 1, 5);
  await first.end('SIGKILL');
  await sleep(500);
  second.start();
  await all.finished();
  assert.deepEqual(await causesOf(all, sweep), [['lost', 'completed'], ['completed']]);
  await assertKept(all, [sweep]);
});

test('2, 10, 18: runs that kill their trainer fail with the right cause, and block no other run', async () => {
  const sweep = await all.queue({
    ...tinySpec({ configs: 1, seeds: 1 }),
    seeds: [...Object.keys(POISON).map(Number), 1, 2],
  });
  first.start();
  await all.finished();
  const runs = await all.rows<{ seed: number; state: string; cause: string; message: string; attempt: number }>(
    'SELECT seed, state, cause, message, attempt FROM run WHERE sweep_id = $1 ORDER BY position',
    [sweep],
  );
  // On a slow machine a checkpoint may precede the failure: then the count of losses restarts.
  const ends = Object.fromEntries(
    runs.map(({ seed, state, cause, attempt }) => [
      seed,
      [state, cause, cause === 'lost' ? Math.min(3, attempt) : attempt],
    ]),
  );
  assert.deepEqual(ends, {
    666: ['failed', 'out_of_memory', 1],
    667: ['failed', 'lost', 3],
    668: ['failed', 'lost', 3],
    669: ['failed', 'lost', 3],
    670: ['failed', 'lost', 3],
    671: ['failed', 'user_error', 1],
    672: ['failed', 'diverged', 1],
    673: ['failed', 'user_error', 1],
    1: ['succeeded', 'completed', 1],
    2: ['succeeded', 'completed', 1],
  });
  const messages = Object.fromEntries(runs.map(({ seed, message }) => [seed, message]));
  assert.match(messages[666]!, /out of memory/);
  assert.match(messages[667]!, /SIGABRT/);
  assert.match(messages[668]!, /SIGKILL/);
  assert.match(messages[669]!, /code 3/);
  assert.match(messages[670]!, /sent no event/);
  assert.equal(messages[673], 'class "\uFFFD" of a file in UTF-16, and half of a pair: \uFFFD');
});

test('3: three rolling restarts save each time, and count no loss', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 8 }));
  for (const [attempt, step] of [
    [1, 3],
    [2, 12],
    [3, 24],
  ] as const) {
    first.start();
    await savedOf(sweep, attempt, step);
    assert.equal(await first.end('SIGTERM'), 0);
    const [run] = await all.rows('SELECT state, losses FROM run WHERE sweep_id = $1', [sweep]);
    assert.deepEqual(run, { state: 'queued', losses: 0 });
  }
  first.start();
  await all.finished();
  assert.deepEqual(await causesOf(all, sweep), [['preempted', 'preempted', 'preempted', 'completed']]);
  await assertKept(all, [sweep]);
});

test('8: a worker that was frozen past its lease writes no row, and its trainer exits within seconds', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 8 }));
  first.start();
  await savedOf(sweep, 1, 5);
  const trainers = first.children();
  first.signal('SIGSTOP');
  second.start();
  await savedOf(sweep, 2, 10);
  const written = `SELECT (SELECT count(*) FROM metric_point WHERE attempt = 1) + (SELECT count(*) FROM checkpoint WHERE attempt = 1) AS n`;
  const before = await all.rows(written);
  first.signal('SIGCONT');
  const deadline = performance.now() + 5_000;
  while (trainers.some((pid) => existsSync(`/proc/${pid}`)) && performance.now() < deadline) await sleep(50);
  assert.deepEqual(
    trainers.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  );
  const [then] = await all.rows<{ n: string }>(written);
  assert.ok(Number(then?.n) <= Number((before[0] as { n: string }).n), 'the stale attempt wrote a row');
  await all.finished();
  assert.deepEqual(await causesOf(all, sweep), [['lost', 'completed']]);
  await assertKept(all, [sweep]);
});

test('19: with no worker alive, a cancel completes when the lease is over, and the API says since when', async (t) => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 2, epochs: 8 }));
  all.api.start();
  await all.ready();
  first.start();
  await savedOf(sweep, 1, 3);
  const asked = async <T>(path: string, method = 'GET'): Promise<T> =>
    (await fetch(`${all.origin}${path}`, { method })).json() as Promise<T>;
  assert.equal((await asked<{ workers: number }>('/ready')).workers, 1);
  await first.end('SIGKILL');
  const cancelled = performance.now();
  await asked(`/api/v1/sweeps/${sweep}/cancel`, 'POST');
  await all.until(
    'both runs are cancelled',
    `SELECT true AS yes FROM run WHERE sweep_id = $1 AND state = 'cancelled' HAVING count(*) = 2`,
    [sweep],
  );
  const seconds = (performance.now() - cancelled) / 1000;
  assert.deepEqual(await causesOf(all, sweep), [['lost']]);
  const ready = await asked<{ status: string; workers: number; warning: string }>('/ready');
  assert.deepEqual([ready.status, ready.workers], ['ok', 0]);
  assert.match(
    ready.warning,
    /^no worker since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(.*\/\d+, lost\): runs wait for one/,
  );
  const { items } = await asked<{ items: { state: string; slots: number; device: string | null }[] }>(
    '/api/v1/workers',
  );
  assert.deepEqual([items[0]?.state, items[0]?.slots], ['lost', 1]);
  await all.until(
    'every event is numbered',
    'SELECT true AS yes WHERE NOT EXISTS (SELECT FROM event WHERE number IS NULL)',
  );
  t.diagnostic(`the cancel completed after ${seconds.toFixed(1)} s, with a lease of 3 s`);
});

test('23: data that PostgreSQL refuses ends the attempt at once, with the reason; the slot trains the next run', async () => {
  await all.rows(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'unsupported Unicode escape sequence' USING ERRCODE = '22P05'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON attempt FOR EACH ROW WHEN (NEW.total_steps IS NOT NULL AND OLD.ended_at IS NULL
      AND NEW.ended_at IS NULL) EXECUTE FUNCTION refuse()`);
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1 }));
  first.start();
  await all.finished();
  await all.rows('DROP TRIGGER refuse ON attempt; DROP FUNCTION refuse');
  const next = await all.queue(tinySpec({ configs: 1, seeds: 1, name: 'next' }));
  await all.finished();
  const runs = await all.rows<{ cause: string; message: string; attempt: number; seconds: number }>(
    `SELECT run.cause, run.message, run.attempt, extract(epoch FROM ended_at - attempt.started_at)::float8 AS seconds
     FROM run JOIN attempt ON run_id = run.id WHERE sweep_id = ANY($1) ORDER BY run.created_at`,
    [[sweep, next]],
  );
  assert.deepEqual(
    runs.map(({ cause, attempt }) => [cause, attempt]),
    [
      ['user_error', 1],
      ['completed', 1],
    ],
  );
  assert.equal(
    runs[0]?.message,
    'PostgreSQL refuses what the run reported (22P05): unsupported Unicode escape sequence',
  );
});
