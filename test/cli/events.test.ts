import assert from 'node:assert/strict';
import test from 'node:test';
import { EventView } from '@ablate/contracts';
import { endAttempt } from '@ablate/db';
import { claimedJob } from '../db/small-sweep.ts';
import { ablate, assertDone, startApi } from './command-line.ts';

test('events lists the state changes of a run, of a sweep, or of all, with their causes', async (t) => {
  const { db, apiUrl } = await startApi(t);
  const env = { ABLATE_API_URL: apiUrl };
  const job = await claimedJob(db);
  await endAttempt(db, { ...job, cause: 'lost', message: 'no heartbeat' });
  await claimedJob(db);

  const listed = await ablate(['events', job.runId], { env });
  assertDone(listed);
  const lines = listed.out.trim().split('\n');
  assert.equal(lines.length, 4, listed.out);
  assert.match(listed.out, new RegExp(`run ${job.runId}  queued → running\\n`));
  assert.match(listed.out, new RegExp(`attempt ${job.runId} #1  running → ended  \\(lost: no heartbeat\\)\\n`));

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
  assert.match(none.err, /unknown sweep or run id/);
});
