import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { openCheckpointStore } from '@ablate/checkpoints';
import type { InsideFiles } from '@ablate/contracts';
import { DEFAULT_RETENTION, openAttempts, openDatabase } from '@ablate/db';
import { sha256 } from '@ablate/files';
import { encodePng } from '@ablate/files/png';
import { temporaryFolder } from '@ablate/harness/temporary';
import { encodeSafetensors } from '@ablate/models/safetensors';
import pino from 'pino';
import { readInside } from '../../apps/worker/src/read-inside.ts';
import { createEventRecorder } from '../../apps/worker/src/record-event.ts';
import { claimedJob, STARTED } from '../db/small-sweep.ts';
import { testDatabase } from '../support/postgres.ts';

const home = temporaryFolder();
const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());
after(() => home.remove());

const IMAGE = { index: 0, label: 1, labelName: 'dog', top: [{ label: 1, name: 'dog', probability: 0.9 }] };
const HEADER = { version: 1, family: 'resnet', imageSize: 4, query: null, images: [IMAGE, IMAGE], notes: [] };

/** Writes both files; returns what a trainer would report of them. */
function written({ header = HEADER, png }: { header?: unknown; png?: Uint8Array } = {}): InsideFiles {
  const report = (file: string, bytes: Uint8Array) => {
    writeFileSync(join(home.path, file), bytes);
    return { file, sha256: sha256(bytes), bytes: bytes.byteLength };
  };
  const strip = encodePng({ width: 8, height: 4, pixels: new Uint8Array(8 * 4 * 3) });
  return {
    maps: report('inside-1.safetensors', encodeSafetensors(new Map(), { inside: JSON.stringify(header) })),
    images: report('inside-1.png', png ?? strip),
  };
}

test('a look inside is read as it was written', async () => {
  const files = written();
  const { maps, images } = await readInside(home.path, files);
  assert.deepEqual([maps.sha256, sha256(maps.bytes)], [files.maps.sha256, files.maps.sha256]);
  assert.equal(sha256(images.bytes), files.images.sha256);
});

for (const [what, files, message] of [
  ['with a different hash', () => ({ ...written(), maps: { ...written().maps, sha256: 'a'.repeat(64) } }), /SHA-256/],
  ['without a header', () => written({ header: null }), /expected object/],
  ['with an unknown field', () => written({ header: { ...HEADER, more: 1 } }), /unrecognized/i],
  ['with pictures that are no PNG', () => written({ png: new Uint8Array(40) }), /not a PNG file/],
  [
    'with pictures of another size',
    () => written({ png: encodePng({ width: 4, height: 4, pixels: new Uint8Array(48) }) }),
    /4 × 4 pixels, not 8 × 4/,
  ],
] as const)
  test(`a look inside ${what} is refused`, async () => {
    await assert.rejects(readInside(home.path, files()), message);
  });

test('a damaged look inside is a note on the run, which goes on', async () => {
  const job = await claimedJob(db);
  const record = createEventRecorder({
    ...{ db, attempts: openAttempts(db), keep: DEFAULT_RETENTION, job, folder: home.path, checkpoints: [] },
    store: await openCheckpointStore({ kind: 'file', folder: home.path }, db),
    lease: { report: () => {}, unwritten: () => undefined },
    usage: async () => ({ peakMemoryBytes: null, energyJoules: null }),
    log: pino({ level: 'silent' }),
  });
  assert.equal(await record({ type: 'started', ...STARTED, notes: ['a note'] }), true);
  const { maps, images } = written();
  assert.equal(await record({ type: 'inside', inside: { maps: { ...maps, bytes: 7 }, images } }), true);
  const { rows } = await db.pool.query('SELECT notes FROM attempt WHERE run_id = $1', [job.runId]);
  assert.deepEqual(rows[0].notes.length, 2);
  assert.match(rows[0].notes[1], /no look inside the model: inside-1\.safetensors: size mismatch/);
  assert.equal(await record({ type: 'inside', inside: { maps, images } }), true);
  assert.equal((await db.pool.query('SELECT FROM inside WHERE run_id = $1', [job.runId])).rowCount, 1);
});
