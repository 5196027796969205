import assert from 'node:assert/strict';
import test from 'node:test';
import { followEvents, openApi, Refused } from '@ablate/client';
import { endAttempt } from '@ablate/db';
import { startProxy } from '@ablate/harness/proxy';
import { startApi } from '../cli/command-line.ts';
import { claim, claimedJob } from '../db/small-sweep.ts';

test('followEvents yields each event once over broken connections', async (t) => {
  const { db, apiUrl } = await startApi(t);
  const proxy = await startProxy(apiUrl);
  const ended = new AbortController();
  t.after(() => proxy.close());
  const job = await claimedJob(db);
  const numbers: number[] = [];
  const attempts = 4;
  const api = openApi(proxy.through(apiUrl));
  for await (const event of followEvents(api, { filter: { runId: job.runId }, after: 0, signal: ended.signal })) {
    numbers.push(event.number);
    if (event.subject !== 'attempt' || event.state !== 'running') continue;
    if (event.attempt === attempts) break;
    proxy.reset();
    const now = { runId: job.runId, attempt: event.attempt ?? 0 };
    await endAttempt(db, { ...now, cause: 'preempted', message: 'test' });
    assert.ok(await claim(db, { ...now, attempt: now.attempt + 1 }));
  }
  // Four attempts started and three ended; each is a change of the run and of the attempt.
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

test('an invalid filter is refused instead of retried', async (t) => {
  const { apiUrl } = await startApi(t);
  const { signal } = new AbortController();
  const events = followEvents(openApi(apiUrl), { filter: { runId: 'x' }, after: 0, signal });
  await assert.rejects(events.next(), (error) => error instanceof Refused && error.status === 400);
});

test('aborting while the API is down ends the wait for a reconnect', async () => {
  const ended = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => ended.abort(reason), 200);
  const api = openApi('http://127.0.0.1:1');
  await assert.rejects(followEvents(api, { filter: {}, after: 0, signal: ended.signal }).next(), reason);
});
