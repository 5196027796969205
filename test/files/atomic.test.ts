import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isVerified, readState, sha256, verified, writeAtomically, writeState } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { z } from 'zod';

async function* chunks(...parts: string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

test('text, bytes and streams replace a file, and no draft is left', async () => {
  const { path: folder } = temporaryFolder();
  const path = join(folder, 'a');
  await writeAtomically(path, 'text');
  assert.equal(readFileSync(path, 'utf8'), 'text');
  await writeAtomically(path, Buffer.from('bytes'), { durable: true, mode: 0o600 });
  assert.equal(readFileSync(path, 'utf8'), 'bytes');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await writeAtomically(path, chunks('a ', 'stream'), { draft: join(folder, 'draft') });
  assert.equal(readFileSync(path, 'utf8'), 'a stream');
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('readers see the old file until the new one is whole', async () => {
  const { path: folder } = temporaryFolder();
  const path = join(folder, 'a');
  await writeAtomically(path, 'old');
  async function* watched(): AsyncGenerator<Buffer> {
    yield Buffer.from('ne');
    assert.equal(readFileSync(path, 'utf8'), 'old');
    yield Buffer.from('w');
  }
  await writeAtomically(path, watched());
  assert.equal(readFileSync(path, 'utf8'), 'new');
});

test('an error of the stream or of the file system keeps the old file and removes the draft', async () => {
  const { path: folder } = temporaryFolder();
  const path = join(folder, 'a');
  await writeAtomically(path, 'old');
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('ne');
    throw new Error('connection reset');
  }
  await assert.rejects(writeAtomically(path, broken()), /connection reset/);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  mkdirSync(join(folder, 'full', 'inside'), { recursive: true });
  await assert.rejects(writeAtomically(join(folder, 'full'), 'a file in place of a folder'));
  assert.throws(() => writeState(join(folder, 'full'), {}));
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'full']);
});

test('chunks are refused if their length or hash differs', async () => {
  const expected = { bytes: 4, sha256: sha256(Buffer.from('four')) };
  const read = async (...parts: string[]): Promise<string> => {
    let text = '';
    for await (const chunk of verified(chunks(...parts), expected)) text += chunk;
    return text;
  };
  assert.equal(await read('fo', 'ur'), 'four');
  await assert.rejects(read('fo'), /^MismatchError: length mismatch: expected 4 bytes, found 2$/);
  await assert.rejects(read('fo', 'urs'), /^MismatchError: length mismatch: longer than 4 bytes$/);
  await assert.rejects(read('five'), /^MismatchError: SHA-256 mismatch: expected [0-9a-f]{64}, found [0-9a-f]{64}$/);
});

test('a file is verified by length and hash; a missing one is not', async () => {
  const { path: folder } = temporaryFolder();
  const path = join(folder, 'a');
  const expected = { bytes: 4, sha256: sha256(Buffer.from('four')) };
  assert.equal(await isVerified(path, expected), false);
  for (const [text, verdict] of [
    ['four', true],
    ['five', false],
    ['three', false],
  ] as const) {
    writeFileSync(path, text);
    assert.equal(await isVerified(path, expected), verdict, text);
  }
  assert.equal(await isVerified(join(path, 'inside-a-file'), expected), false);
});

test('a state file is read back, readable by its owner alone; a damaged one is named', () => {
  const { path: folder } = temporaryFolder();
  const path = join(folder, 'state.json');
  const State = z.strictObject({ port: z.int() });
  assert.equal(readState(path, State), null);
  writeState(path, { port: 5432 });
  assert.deepEqual(readState(path, State), { port: 5432 });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const text of ['{"port": 54', '{"port": "5432"}']) {
    writeFileSync(path, text);
    assert.throws(() => readState(path, State), /state\.json is damaged: move it away/);
  }
});
