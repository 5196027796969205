/** Bodies that are no UTF-8, invisible names, files that do not exist. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { Problem } from '@ablate/contracts';
import { runningApp } from './running-app.ts';

const { app } = await runningApp();
const SPEC = { version: 1, name: 'café', seeds: [1] };

const submit = (payload: Buffer, headers: Record<string, string> = {}, url = '/api/v1/sweeps?dryRun=true') =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } });

test('a body is UTF-8, as it is', async () => {
  const text = JSON.stringify(SPEC);
  assert.equal((await submit(Buffer.from(text))).statusCode, 200);
  for (const url of ['/api/v1/sweeps', '/api/v1/sql']) {
    const latin = Problem.parse((await submit(Buffer.from(text, 'latin1'), {}, url)).json());
    assert.deepEqual([latin.status, latin.detail], [400, 'the body is not UTF-8']);
    const zipped = Problem.parse((await submit(gzipSync(text), { 'content-encoding': 'gzip' }, url)).json());
    assert.deepEqual([zipped.status, /gzip is not supported/.test(zipped.detail ?? '')], [415, true]);
  }
});

test('a name has a visible character', async () => {
  const answer = await submit(Buffer.from(JSON.stringify({ ...SPEC, name: '\u200B \u2060' })));
  assert.deepEqual(Problem.parse(answer.json()).errors, [
    { pointer: '/name', detail: 'must have a visible character' },
  ]);
});

test('a file that does not exist is unknown', async () => {
  for (const url of ['/assets/none.js', '/assets/..%2f..%2fpackage.json', '/none'])
    assert.equal((await app.inject(url)).statusCode, 404, url);
});
