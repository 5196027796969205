import assert from 'node:assert/strict';
import test from 'node:test';
import { followEvents, openApi } from '@ablate/client';
import { EventView } from '@ablate/contracts';
import { endAttempt } from '@ablate/db';
import { startProxy } from '@ablate/harness/proxy';
import { claim, claimedJob } from '../db/small-sweep.ts';
import { ablate, assertDone, startApi } from './command-line.ts';

test('events tells what became of a run, of its sweep, or of all, with why', async (t) => {
  const { db, apiUrl } = await startApi(t);
  const env = { ABLATE_API_URL: apiUrl };
  const job = await claimedJob(db);
  await endAttempt(db, { ...job, cause: 'lost', message: 'no heartbeat' });
  await claimedJob(db);

  const told = await ablate(['events', job.runId], { env });
  assertDone(told);
  const lines = told.out.trim().split('\n');
  assert.equal(lines.length, 4, told.out);
  assert.match(told.out, new RegExp(`run ${job.runId}  queued → running\\n`));
  assert.match(told.out, new RegExp(`attempt ${job.runId} #1  running → ended  \\(lost: no heartbeat\\)\\n`));

  const all = await ablate(['events', '--json'], { env });
  assertDone(all);
  const parsed = all.out
    .trim()
    .split('\n')
    .map((text) => EventView.parse(JSON.parse(text)));
  assert.deepEqual(
    parsed.map(({ number }) => number),
    parsed.map((_, i) => i + 1),
  );
  const sweep = await ablate(['events', parsed[0]?.sweepId ?? '', '--json'], { env });
  assert.equal(sweep.out.trim().split('\n').length, 5);

  const none = await ablate(['events', '00000000-0000-4000-8000-000000000000'], { env });
  assert.equal(none.code, 1);
  assert.match(none.err, /no run/);
});

test('who follows the log over connections that break gets each event once', async (t) => {
  const { db, apiUrl } = await startApi(t);
  const proxy = await startProxy(apiUrl);
  const ended = new AbortController();
  t.after(() => proxy.close());
  const job = await claimedJob(db);
  const numbers: number[] = [];
  const attempts = 4;
  const api = openApi(proxy.through(apiUrl));
  for await (const event of followEvents(api, { of: { runId: job.runId }, after: 0, signal: ended.signal })) {
    numbers.push(event.number);
    if (event.subject !== 'attempt' || event.state !== 'running') continue;
    if (event.attempt === attempts) break;
    proxy.reset();
    const now = { runId: job.runId, attempt: event.attempt ?? 0 };
    await endAttempt(db, { ...now, cause: 'preempted', message: 'test' });
    assert.ok(await claim(db, { ...now, attempt: now.attempt + 1 }));
  }
  // Begun four times, ended three times; each a change of the run and one of the attempt.
  const { rows } = await db.pool.query<{ number: string }>(
    'SELECT number FROM event WHERE run_id = $1 AND number <= $2 ORDER BY number',
    [job.runId, numbers.at(-1)],
  );
  assert.deepEqual(
    numbers,
    rows.map(({ number }) => Number(number)),
  );
  assert.ok(numbers.length >= 13);
});
