/** `ABLATE_CHECKPOINTS`: where checkpoints are stored. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '@ablate/db';
import { z } from 'zod';
import { openFileStore } from './file-store.ts';
import { openPostgresStore } from './postgres-store.ts';
import type { CheckpointStore } from './store.ts';

export type StoreAddress =
  | { kind: 'file'; folder: string }
  | { kind: 'postgres' }
  | { kind: 's3'; bucket: string; prefix: string; endpoint?: string; region: string };

const folderOf = (text: string): string =>
  text.startsWith('file://') ? fileURLToPath(text) : text.replace(/^file:/, '');

/** A folder, `file:FOLDER`, `postgres:`, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`; never with credentials. */
export const StoreAddress = z
  .string()
  .min(1)
  .transform((text, context): StoreAddress => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (/^postgres(ql)?:/.test(text))
      return /^postgres:$/.test(text)
        ? { kind: 'postgres' }
        : refuse('must be "postgres:" alone: the database is that of DATABASE_URL');
    if (!text.startsWith('s3:')) {
      const scheme = /^([a-z][a-z0-9+.-]+):/.exec(text)?.[1];
      if (scheme !== undefined && scheme !== 'file')
        return refuse('must be a folder, file:FOLDER, postgres: or s3://BUCKET/PREFIX');
      return { kind: 'file', folder: resolve(folderOf(text)) };
    }
    if (!URL.canParse(text)) return refuse('must look like s3://BUCKET/PREFIX');
    const url = new URL(text);
    if (url.username !== '' || url.password !== '')
      return refuse('must not contain credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    if (url.hostname === '') return refuse('must name a bucket: s3://BUCKET/PREFIX');
    const endpoint = url.searchParams.get('endpoint') ?? undefined;
    if (endpoint !== undefined && !/^https?:\/\/[^@]+$/.test(endpoint))
      return refuse('endpoint must be an http:// or https:// address');
    const path = url.pathname.replace(/^\/+|\/+$/g, '');
    const region = url.searchParams.get('region') ?? 'us-east-1';
    return { kind: 's3', bucket: url.hostname, prefix: path === '' ? '' : `${path}/`, endpoint, region };
  });

/** Throws, with what to do, if the store at an address is not usable. The database is not checked. */
export async function checkStore(address: StoreAddress): Promise<void> {
  if (address.kind === 'postgres') return;
  const store =
    address.kind === 'file' ? openFileStore(address.folder) : (await import('./s3-store.ts')).openS3Store(address);
  await store.check().finally(() => store.close());
}

/** Opens the store at an address; the caller closes it. */
export async function openCheckpointStore(address: StoreAddress, db: Database): Promise<CheckpointStore> {
  switch (address.kind) {
    case 'file':
      return openFileStore(address.folder);
    case 'postgres':
      return openPostgresStore(db);
    case 's3':
      // Imported on demand: the S3 client is larger than all other dependencies.
      return (await import('./s3-store.ts')).openS3Store(address);
  }
}
