import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DatasetProgress, download } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';

const BODY = Buffer.alloc(300_000, 'ablate');
const md5 = createHash('md5').update(BODY).digest('hex');

/** A server that answers `/file` with these bytes, and a temporary folder. */
async function serving(t: TestContext, answer: Buffer) {
  const server = createServer((request, response) => {
    if (request.url === '/file') response.end(answer);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const { path: folder } = temporaryFolder();
  return { url: `http://127.0.0.1:${address.port}`, folder };
}

test('a verified file is kept under its name', async (t) => {
  const { url, folder } = await serving(t, BODY);
  const seen: DatasetProgress[] = [];
  const official = { url: `${url}/file`, file: 'set.tar.gz', bytes: BODY.length, md5 };
  const path = await download(official, { folder, onProgress: (progress) => seen.push(progress) });
  assert.equal(path, join(folder, 'set.tar.gz'));
  assert.deepEqual(await readFile(path), BODY);
  assert.deepEqual(seen.at(-1), { stage: 'downloading', done: BODY.length, total: BODY.length });
});

const WRONG: Record<string, [Buffer, string, RegExp]> = {
  'different content': [Buffer.alloc(BODY.length, 'other'), '/file', /MD5 mismatch: expected [0-9a-f]{32}, found/],
  'too short': [BODY.subarray(1), '/file', /length mismatch: expected 300000 bytes, found 299999/],
  'too long': [Buffer.concat([BODY, BODY]), '/file', /length mismatch: longer than 300000 bytes/],
  missing: [BODY, '/elsewhere', /HTTP 404/],
};
for (const [what, [answer, path, message]] of Object.entries(WRONG))
  test(`a download is refused and removed: ${what}`, async (t) => {
    const { url, folder } = await serving(t, answer);
    const official = { url: url + path, file: 'set.tar.gz', bytes: BODY.length, md5 };
    await assert.rejects(download(official, { folder }), message);
    assert.deepEqual(await readdir(folder), []);
  });

test('without a network, the error says what to do', async (t) => {
  const { folder } = await serving(t, BODY);
  const official = { url: 'http://127.0.0.1:1/file', file: 'set.tar.gz', bytes: 1, md5 };
  await assert.rejects(
    download(official, { folder }),
    /cannot download http:\/\/127\.0\.0\.1:1\/file: .*put set\.tar\.gz into a folder named in ABLATE_DATA/,
  );
});
