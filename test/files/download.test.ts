import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { download, sha256 } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';

const BODY = Buffer.alloc(300_000, 'ablate');
const expected = { sha256: sha256(BODY), bytes: BODY.length };

async function serving(t: TestContext, listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const { path: folder } = temporaryFolder();
  return { url: `http://127.0.0.1:${address.port}/file`, folder, path: join(folder, 'file') };
}

test('a verified file appears, with its progress', async (t) => {
  const { url, folder, path } = await serving(t, (_, response) => void response.end(BODY));
  const seen: number[] = [];
  await download(url, path, { expected, onProgress: (bytes) => seen.push(bytes) });
  assert.ok(readFileSync(path).equals(BODY));
  assert.equal(seen.at(-1), BODY.length);
  assert.deepEqual(readdirSync(folder), ['file']);
});

const REFUSED: [string, RequestListener, RegExp, idleSeconds?: number][] = [
  ['a hash that differs', (_, response) => void response.end(Buffer.alloc(300_000)), /\/file: SHA-256 mismatch/],
  ['too many bytes', (_, response) => void response.end(Buffer.alloc(300_001)), /longer than 300000 bytes/],
  ['an error of the server', (_, response) => void response.writeHead(503).end(), /HTTP 503 Service Unavailable/],
  ['a connection that breaks', (_, response) => response.write(BODY.subarray(1), () => response.destroy()), /\/file: /],
  ['a silent server', () => undefined, /no data for 0.2 s/, 0.2],
  ['a server that falls silent', (_, response) => void response.write(BODY.subarray(1)), /no data for 0.2 s/, 0.2],
];
for (const [what, listener, message, idleSeconds] of REFUSED)
  test(`a download fails, and leaves nothing: ${what}`, async (t) => {
    const { url, folder, path } = await serving(t, listener);
    await assert.rejects(download(url, path, { expected, idleSeconds }), message);
    assert.deepEqual(readdirSync(folder), []);
  });

test('a download that is aborted throws the reason, and leaves nothing', async (t) => {
  const { url, folder, path } = await serving(t, (_, response) => void response.write(BODY.subarray(1)));
  const abort = new AbortController();
  const onProgress = () => abort.abort(new Error('interrupted'));
  await assert.rejects(download(url, path, { expected, signal: abort.signal, onProgress }), /^Error: interrupted$/);
  assert.deepEqual(readdirSync(folder), []);
});
