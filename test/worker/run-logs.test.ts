import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openDatabase } from '@ablate/db';
import { pino } from 'pino';
import { openRunLogs } from '../../apps/worker/src/run-logs.ts';
import { claimedJob } from '../db/small-sweep.ts';
import { testDatabase } from '../support/postgres.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());
const log = pino({ level: 'silent' });

test('of a log the last 64 KiB are kept, in whole lines that PostgreSQL can store; a write that fails is repeated', async () => {
  const [long, short] = [await claimedJob(db), await claimedJob(db)];
  const logs = openRunLogs(db, log);
  const line = logs.open(long);
  await db.pool.query('ALTER TABLE attempt_log RENAME TO away');
  for (let i = 0; i < 2_000; i++) line(`line ${i} ${'x'.repeat(90)}`);
  logs.open(short)('bell \u0007, nul \0, half \ud800, two\nlines');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await db.pool.query('ALTER TABLE away RENAME TO attempt_log');
  await logs.close();
  const read = async ({ runId }: { runId: string }) =>
    (await db.pool.query('SELECT text, dropped FROM attempt_log WHERE run_id = $1', [runId])).rows[0];
  const { text, dropped } = await read(long);
  const lines = text.split('\n');
  assert.ok(text.length <= 65_536 && text.length > 64_000, `${text.length}`);
  assert.equal(lines.length + dropped, 2_000);
  assert.match(lines[0], new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z line ${dropped} x{90}$`));
  assert.match(lines.at(-1), /Z line 1999 x{90}$/);
  assert.ok((await read(short)).text.endsWith('Z bell \u0007, nul \uFFFD, half \uFFFD, two lines'));
});
