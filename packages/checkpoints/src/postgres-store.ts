/** Checkpoints in the database, in chunks: for small models, with nothing but PostgreSQL to run and to back up. */
import { Readable } from 'node:stream';
import { type Database, inTransaction } from '@ablate/db';
import { readVerified } from '@ablate/files';
import type { CheckpointStore, StoredFile } from './store.ts';

/** Bytes of a chunk: each statement holds one in memory. */
const CHUNK = 1024 * 1024;
const PAGE = 1000;

export function openPostgresStore(db: Database): CheckpointStore {
  const { pool } = db;

  async function* chunks(key: string, count: number): AsyncGenerator<Buffer> {
    for (let number = 0; number < count; number++) {
      const { rows } = await pool.query<{ bytes: Buffer }>(
        'SELECT bytes FROM stored_chunk WHERE key = $1 AND number = $2',
        [key, number],
      );
      if (rows[0] === undefined) throw new Error(`${key}: chunk ${number} of ${count} is missing`);
      yield rows[0].bytes;
    }
  }

  return {
    address: 'postgres:',
    folder: null,
    check: async () => undefined, // a worker without its database cannot work anyway
    // One transaction: a file is stored whole, or not at all.
    put: (key, path, file) =>
      inTransaction(db, async (client) => {
        await client.query('DELETE FROM stored_file WHERE key = $1', [key]);
        const parts = Math.ceil(file.bytes / CHUNK);
        await client.query('INSERT INTO stored_file (key, bytes, chunks) VALUES ($1, $2, $3)', [
          key,
          file.bytes,
          parts,
        ]);
        let number = 0;
        for await (const chunk of readVerified(path, file, { chunkBytes: CHUNK }))
          await client.query('INSERT INTO stored_chunk (key, number, bytes) VALUES ($1, $2, $3)', [
            key,
            number++,
            chunk,
          ]);
      }),
    async get(key) {
      const { rows } = await pool.query<{ chunks: number; bytes: string }>(
        'SELECT chunks, bytes FROM stored_file WHERE key = $1',
        [key],
      );
      const [row] = rows;
      if (row === undefined) return null;
      return { stream: Readable.from(chunks(key, row.chunks), { objectMode: false }), bytes: Number(row.bytes) };
    },
    async remove(key) {
      await pool.query('DELETE FROM stored_file WHERE key = $1', [key]);
    },
    async *list(prefix = ''): AsyncGenerator<StoredFile> {
      for (let after = ''; ; ) {
        const { rows } = await pool.query<{ key: string; bytes: string; modified: Date }>(
          `SELECT key, bytes, created_at AS modified FROM stored_file
           WHERE key > $1 AND starts_with(key, $2) ORDER BY key LIMIT $3`,
          [after, prefix, PAGE],
        );
        for (const row of rows) yield { ...row, bytes: Number(row.bytes) };
        if (rows.length < PAGE) return;
        after = rows.at(-1)?.key ?? after;
      }
    },
    close: async () => undefined, // the caller closes the database
  };
}
