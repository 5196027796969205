/** Statements of the first version, verbatim: a worker or an API that has not been restarted yet still runs them. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { numberEvents, openDatabase } from '@ablate/db';
import { listCheckpoints, listEvents, localContext } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
const context = localContext(db);
after(() => db.close());
const SHA = 'a'.repeat(64);

test('a client of the first version submits, claims, saves and finishes on today’s schema, and its changes are logged', async () => {
  const first = async (text: string, values: unknown[]): Promise<Record<string, string>> =>
    (await db.pool.query(text, values)).rows[0] ?? {};
  const { id: sweep } = await first('INSERT INTO sweep (name, spec) VALUES ($1, $2) RETURNING id, created_at', [
    'old',
    '{}',
  ]);
  await first(
    `INSERT INTO config (sweep_id, position, hash, config, axes)
     SELECT $1, point.place - 1, point.hash, point.config::jsonb, point.axes::jsonb
     FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS point(hash, config, axes, place)`,
    [sweep, ['h'], ['{}'], ['{}']],
  );
  await first(
    `INSERT INTO run (sweep_id, config_id, position, seed)
     SELECT $1, config.id, (seed.place - 1) * $3 + config.position, seed.value
     FROM config CROSS JOIN unnest($2::integer[]) WITH ORDINALITY AS seed(value, place)
     WHERE config.sweep_id = $1 ORDER BY seed.place, config.position`,
    [sweep, [1], 1],
  );
  await first('INSERT INTO outbox (run_id, attempt) SELECT id, 1 FROM run WHERE sweep_id = $1 ORDER BY position', [
    sweep,
  ]);
  const { id: run } = await first(
    `WITH claimed AS (
       UPDATE run SET state = 'running', attempt = $2, heartbeat_at = now(), started_at = coalesce(started_at, now())
       WHERE sweep_id = $1 AND state = 'queued' AND attempt = $2 - 1 RETURNING id, config_id, seed
     ), dispatched AS (
       DELETE FROM outbox USING claimed WHERE outbox.run_id = claimed.id
     ), begun AS (
       INSERT INTO attempt (run_id, number, worker) SELECT id, $2, $3 FROM claimed
     ) SELECT id FROM claimed`,
    [sweep, 1, 'old worker'],
  );
  for (const step of [10, 20])
    await first(
      `WITH before AS (
         SELECT max(step) AS step, max(file) FILTER (WHERE kind = $3::checkpoint_kind) AS file FROM checkpoint WHERE run_id = $1
       ), held AS (
         UPDATE run SET losses = CASE WHEN $7 > coalesce((SELECT step FROM before), -1) THEN 0 ELSE losses END
         WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING id
       ), written AS (
         INSERT INTO checkpoint (run_id, attempt, kind, file, sha256, bytes, step, epoch, val_accuracy)
         SELECT id, $2, $3::checkpoint_kind, $4, $5, $6, $7, $8, $9 FROM held
         ON CONFLICT (run_id, kind) DO UPDATE SET id = excluded.id, attempt = excluded.attempt, file = excluded.file,
           sha256 = excluded.sha256, bytes = excluded.bytes, step = excluded.step, epoch = excluded.epoch,
           val_accuracy = excluded.val_accuracy, created_at = excluded.created_at
       ) SELECT nullif(before.file, $4) AS replaced FROM held CROSS JOIN before`,
      [run, 1, 'last', `last-1-${step}.safetensors`, SHA, 100, step, 1, null],
    );
  assert.deepEqual(
    (await listCheckpoints(context, run ?? '')).map(({ step }) => step),
    [20],
  );
  const done = await first(
    `WITH finished AS (
       UPDATE run SET state = 'succeeded', cause = 'completed', finished_at = now() WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING id
     ), ended AS (
       UPDATE attempt SET cause = 'completed', ended_at = now() FROM finished WHERE run_id = finished.id AND number = $2
     ) SELECT id FROM finished`,
    [run, 1],
  );
  assert.equal(done.id, run);
  await numberEvents(db);
  const { items } = await listEvents(context, { sweepId: sweep, limit: 100 });
  assert.deepEqual(items.map(({ subject, state }) => `${subject} ${state}`).sort(), [
    'attempt ended',
    'attempt running',
    'run running',
    'run succeeded',
    'sweep finished',
    'sweep queued',
  ]);
});
