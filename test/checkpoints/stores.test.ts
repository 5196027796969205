import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test, { after } from 'node:test';
import {
  type CheckpointStore,
  checkpointKey,
  fetchCheckpoint,
  openCheckpointStore,
  openS3Store,
  StoreAddress,
} from '@ablate/checkpoints';
import { openDatabase } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { testDatabase } from '../support/postgres.ts';
import { findS3Server, NO_S3_SERVER, startS3 } from '../support/s3.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());
const home = temporaryFolder();

const binary = findS3Server();
const s3 = binary === undefined ? undefined : await startS3({ after }, binary);

const RUN = '7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11';

/** A local file of random bytes, and what would be recorded of it. */
function localFile(name: string, bytes: number) {
  const content = randomBytes(bytes);
  const path = join(home.path, name);
  writeFileSync(path, content);
  return { path, content, recorded: { file: name, bytes, sha256: createHash('sha256').update(content).digest('hex') } };
}

const stores: [string, () => StoreAddress | undefined, string?][] = [
  ['a folder', () => StoreAddress.parse(`file:${join(home.path, 'store')}`)],
  ['Postgres', () => StoreAddress.parse('postgres:')],
  [
    'S3',
    () => s3 && StoreAddress.parse(`s3://${s3.bucket}/some/prefix?endpoint=${encodeURIComponent(s3.endpoint)}`),
    NO_S3_SERVER,
  ],
];

for (const [name, address, remedy] of stores) {
  const given = address();
  const suite = (what: string, check: (store: CheckpointStore) => Promise<void>) =>
    test(`${name}: ${what}`, { skip: given === undefined && remedy }, async () => {
      const store = await openCheckpointStore(given!, db);
      try {
        await check(store);
      } finally {
        await store.close();
      }
    });

  suite('get returns the bytes of put, of any length, and put twice stores one file', async (store) => {
    // Around the length of a chunk, and empty.
    for (const length of [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 5_000_000]) {
      const { path, content, recorded } = localFile(`best-1-${length}.safetensors`, length);
      const key = checkpointKey(RUN, recorded.file);
      for (let time = 0; time < 2; time++) await store.put(key, path, recorded);
      const found = await store.get(key);
      assert.equal(found?.bytes, length);
      assert.ok((await buffer(found.stream)).equals(content));
    }
  });

  suite('files are listed by run with their lengths, until they are removed', async (store) => {
    const other = '00000000-0000-4000-8000-000000000001';
    const { path, recorded } = localFile('last-1-7.safetensors', 1234);
    await store.put(checkpointKey(other, recorded.file), path, recorded);
    const listed = async (prefix?: string) => {
      const found: string[] = [];
      for await (const { key, bytes, modified } of store.list(prefix)) {
        assert.ok(Math.abs(Date.now() - modified.getTime()) < 600_000);
        found.push(`${key} ${bytes}`);
      }
      return found.sort();
    };
    const key = checkpointKey(other, recorded.file);
    assert.deepEqual(await listed(`${other}/`), [`${key} 1234`]);
    assert.ok((await listed()).length > 1);
    for (let time = 0; time < 2; time++) await store.remove(key);
    assert.deepEqual(await listed(`${other}/`), []);
    assert.equal(await store.get(key), null);
  });

  suite('a checkpoint is fetched into the folder of its run, unless it is damaged or missing', async (store) => {
    const folder = join(home.path, `fetched-${name}`);
    const { path, content, recorded } = localFile('last-2-9.safetensors', 2_000_000);
    const key = checkpointKey(RUN, recorded.file);
    await store.put(key, path, recorded);
    const fetch = (other = {}) => fetchCheckpoint(store, { runId: RUN, folder }, { ...recorded, ...other });
    const target = join(folder, recorded.file);
    assert.equal(await fetch(), null);
    assert.ok(readFileSync(target).equals(content));
    truncateSync(target, 10); // a damaged local copy is fetched again
    assert.equal(await fetch(), null);
    assert.ok(readFileSync(target).equals(content));
    rmSync(target);
    assert.match((await fetch({ sha256: '0'.repeat(64) })) ?? '', /damaged .*SHA-256 mismatch/);
    assert.match((await fetch({ bytes: 2_000_001 })) ?? '', /length mismatch: expected 2000001 bytes, found 2000000/);
    assert.match((await fetch({ bytes: 1_999_999 })) ?? '', /longer than 1999999 bytes/);
    assert.deepEqual([existsSync(target), existsSync(`${target}.partial`)], [false, false]);
    await store.remove(key);
    assert.match((await fetch()) ?? '', /is missing in/);
  });

  suite('a file that is missing, or differs from its record, is not stored', async (store) => {
    const { path, recorded } = localFile('last-3-9.safetensors', 1000);
    const key = checkpointKey(RUN, recorded.file);
    writeFileSync(path, randomBytes(1000));
    await assert.rejects(store.put(key, path, recorded));
    truncateSync(path, 999);
    await assert.rejects(store.put(key, path, recorded));
    rmSync(path);
    await assert.rejects(store.put(key, path, recorded), /ENOENT|no such file/i);
    assert.equal(await store.get(key), null);
    for await (const found of store.list(key)) assert.fail(`${found.key} was left`);
  });
}

test('an unusable store reports what to do', async () => {
  writeFileSync(join(home.path, 'a-file'), '');
  const check = async (text: string) => {
    const store = await openCheckpointStore(StoreAddress.parse(text), db);
    return store.check().finally(() => store.close());
  };
  await check(join(home.path, 'to-be', 'made'));
  await assert.rejects(check(join(home.path, 'a-file')), /a-file is not writable: set ABLATE_CHECKPOINTS/);
  if (s3 === undefined) return;
  const endpoint = encodeURIComponent(s3.endpoint);
  await check(`s3://${s3.bucket}?endpoint=${endpoint}`);
  await assert.rejects(check(`s3://no-such-bucket?endpoint=${endpoint}`), /s3:\/\/no-such-bucket: .*create it/);
});

test('a bucket that may be listed but not written is refused by the check', async (t) => {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]}`);
    request.resume();
    response.statusCode = request.method === 'HEAD' ? 200 : 403;
    response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = openS3Store({ bucket: 'b', prefix: 'p/', endpoint, region: 'us-east-1' });
  await assert.rejects(
    store.check(),
    /cannot store checkpoints in s3:\/\/b: access denied: .* need to list, read, write and delete/,
  );
  assert.match(asked[0] ?? '', /^HEAD \/b\/?$/);
  assert.match(asked[1] ?? '', /^PUT \/b\/p\/\.ablate-check-[0-9a-f-]+$/);
  await store.close();
});

test('a request to an S3 server that does not answer times out', async (t) => {
  const taken = new Set<Socket>();
  const silent = createServer((socket) => void taken.add(socket)).listen(0, '127.0.0.1');
  t.after(() => {
    for (const socket of taken) socket.destroy();
    silent.close();
  });
  await once(silent, 'listening');
  process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const store = openS3Store({ bucket: 'b', prefix: '', endpoint, region: 'us-east-1', silenceMs: 200 });
  const { path, recorded } = localFile('last-4-9.safetensors', 1000);
  await assert.rejects(store.put(checkpointKey(RUN, recorded.file), path, recorded), /timed? ?out/i);
  await store.close();
});

const addresses: [string, unknown][] = [
  ['/var/checkpoints', { kind: 'file', folder: '/var/checkpoints' }],
  ['file:/var/x', { kind: 'file', folder: '/var/x' }],
  ['file:///var/a%20b', { kind: 'file', folder: '/var/a b' }],
  ['postgres:', { kind: 'postgres' }],
  ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '', endpoint: undefined, region: 'us-east-1' }],
  [
    's3://bucket/a/b/?region=eu-west-1&endpoint=http://127.0.0.1:7070',
    { kind: 's3', bucket: 'bucket', prefix: 'a/b/', endpoint: 'http://127.0.0.1:7070', region: 'eu-west-1' },
  ],
];
for (const [text, address] of addresses)
  test(`an address: ${text}`, () => assert.deepEqual(StoreAddress.parse(text), address));

const refused: [string, RegExp][] = [
  ['postgres://user:secret@host/db', /must be "postgres:" alone/],
  ['s3://key:secret@bucket', /must not contain credentials/],
  ['s3://', /bucket|must look like/],
  ['s3://bucket?endpoint=ftp://x', /endpoint/],
  ['gs://bucket', /must be a folder/],
];
for (const [text, message] of refused)
  test(`no address: ${text}`, () =>
    assert.match(StoreAddress.safeParse(text).error?.issues[0]?.message ?? '', message));
