/** A database with its read-only role. */
import { randomBytes } from 'node:crypto';
import { ensureReader, openDatabase } from '@ablate/db';
import { testDatabase } from './postgres.ts';

/** A migrated database, and its address with a role of its own that `ensureReader` made; both are dropped after the tests. */
export async function readableDatabase(owner: {
  after: (done: () => Promise<void>) => void;
}): Promise<{ url: string; readerUrl: string; user: string }> {
  const drops: (() => Promise<void>)[] = [];
  const { url } = await testDatabase({ after: (done) => drops.push(done) });
  const user = `reader_${randomBytes(6).toString('hex')}`;
  await ensureReader(url, { user, password: 'secret' });
  owner.after(async () => {
    // The role can be dropped only while the database with its grants exists.
    const db = openDatabase({ url });
    await db.pool.query(`DROP OWNED BY ${user}`);
    await db.pool.query(`DROP ROLE ${user}`);
    await db.close();
    for (const drop of drops) await drop();
  });
  const reader = new URL(url);
  reader.username = user;
  reader.password = 'secret';
  return { url, readerUrl: reader.href, user };
}
