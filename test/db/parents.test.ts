/** Every run has its sweep and its config, whatever adds, moves or removes them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, openDatabase } from '@ablate/db';
import type pg from 'pg';
import { testDatabase } from '../support/postgres.ts';
import { newSweep } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url, max: 4 });
after(() => db.close());
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const ADD = 'INSERT INTO run (sweep_id, config_id, position, seed) VALUES ($1, $2, 100, 100), ($3, $4, 101, 101)';
const refusedBy = (constraint: string) => (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  error.code === '23503' &&
  'constraint' in error &&
  error.constraint === constraint;

async function sweepWithConfig(from: Pick<pg.Pool, 'query'> = db.pool): Promise<[sweep: string, config: string]> {
  const sweep = await from.query<{ id: string }>(`INSERT INTO sweep (name, spec) VALUES ('s', '{}') RETURNING id`);
  const id = sweep.rows[0]?.id ?? '';
  const config = await from.query<{ id: string }>(
    `INSERT INTO config (sweep_id, position, hash, config, axes) VALUES ($1, 0, 'h', '{}', '{}') RETURNING id`,
    [id],
  );
  return [id, config.rows[0]?.id ?? ''];
}

const runsOf = async (sweep: string): Promise<number> =>
  (await db.pool.query('SELECT FROM run WHERE sweep_id = $1', [sweep])).rowCount ?? 0;

/** Resolves when the session waits for a lock. */
async function waits(client: pg.PoolClient & { processID?: number | null }): Promise<void> {
  for (let waited = 0; waited < 1_000; waited++) {
    const { rows } = await db.pool.query(`SELECT wait_event_type AS kind FROM pg_stat_activity WHERE pid = $1`, [
      client.processID,
    ]);
    if (rows[0]?.kind === 'Lock') return;
    await sleep(10);
  }
  assert.fail('it does not wait');
}

test('a statement with a run of an unknown sweep or config adds none', async () => {
  const [sweep, config] = await sweepWithConfig();
  await assert.rejects(db.pool.query(ADD, [sweep, config, sweep, UNKNOWN]), refusedBy('run_config_id_fkey'));
  await assert.rejects(db.pool.query(ADD, [sweep, config, UNKNOWN, config]), refusedBy('run_sweep_id_fkey'));
  assert.equal(await runsOf(sweep), 0);
});

test('a run cannot be moved to an unknown sweep or config', async () => {
  const { id } = await newSweep(db);
  const move = (column: string) => db.pool.query(`UPDATE run SET ${column} = $2 WHERE sweep_id = $1`, [id, UNKNOWN]);
  await assert.rejects(move('config_id'), refusedBy('run_config_id_fkey'));
  await assert.rejects(move('sweep_id'), refusedBy('run_sweep_id_fkey'));
});

test('a sweep that is deleted while runs are added to it leaves no run, whichever is first', async (t) => {
  const [adding, deleting] = [await db.pool.connect(), await db.pool.connect()];
  t.after(() => {
    adding.release(true);
    deleting.release(true);
  });
  const remove = (sweep: string) => deleting.query('DELETE FROM sweep WHERE id = $1', [sweep]);

  const [first, config] = await sweepWithConfig();
  await adding.query('BEGIN');
  await adding.query(ADD, [first, config, first, config]);
  const removed = remove(first);
  await waits(deleting);
  await adding.query('COMMIT');
  await removed;
  assert.equal(await runsOf(first), 0);

  const [second, other] = await sweepWithConfig();
  await deleting.query('BEGIN');
  await remove(second);
  const added = assert.rejects(adding.query(ADD, [second, other, second, other]), refusedBy('run_sweep_id_fkey'));
  await waits(adding);
  await deleting.query('COMMIT');
  await added;
  assert.equal(await runsOf(second), 0);
});

test('a config that is deleted while runs are added to it leaves no run', async (t) => {
  const [adding, deleting] = [await db.pool.connect(), await db.pool.connect()];
  t.after(() => {
    adding.release(true);
    deleting.release(true);
  });
  const [sweep, config] = await sweepWithConfig();
  await deleting.query('BEGIN');
  await deleting.query('DELETE FROM config WHERE id = $1', [config]);
  const added = assert.rejects(adding.query(ADD, [sweep, config, sweep, config]), refusedBy('run_config_id_fkey'));
  await waits(adding);
  await deleting.query('COMMIT');
  await added;
  assert.equal(await runsOf(sweep), 0);
});

test('a role that is no superuser migrates, and its runs have their parents', async (t) => {
  const { url: empty } = await testDatabase(t, { migrated: false });
  const role = `owner_${randomBytes(4).toString('hex')}`;
  const target = new URL(empty);
  await db.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
  await db.pool.query(`ALTER DATABASE ${target.pathname.slice(1)} OWNER TO ${role}`);
  Object.assign(target, { username: role, password: 'p' });
  await migrate(target.href);
  const owned = openDatabase({ url: target.href });
  const whole = openDatabase({ url: empty });
  t.after(() => Promise.all([owned.close(), whole.close()]));
  const [sweep, config] = await sweepWithConfig(owned.pool);
  await assert.rejects(owned.pool.query(ADD, [sweep, config, sweep, UNKNOWN]), refusedBy('run_config_id_fkey'));
  await owned.pool.query(ADD, [sweep, config, sweep, config]);
  await whole.pool.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`);
});
