import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { AUGMENT_SETS, SweepView } from '@ablate/contracts';
import { openDataset } from '@ablate/data';
import { PNG } from 'pngjs';
import { imageFolder, writeFolder } from '../data/archives.ts';
import { post, runningApp } from './running-app.ts';

const { app, data: places } = await runningApp();
const spec = {
  version: 1,
  name: 'seen',
  dataset: { name: 'shapes10' },
  seeds: [4],
  space: { augment: ['none', 'basic'] },
};

async function submit(body: object): Promise<string> {
  const answer = await app.inject(post('/api/v1/sweeps', body));
  assert.equal(answer.statusCode, 202, answer.body);
  return `/api/v1/sweeps/${SweepView.parse(answer.json()).id}`;
}

test('the augmentation sets of a sweep are listed in full and drawn, while the server still answers', async () => {
  const sweep = await submit(spec);
  const { sets, ...of } = (await app.inject(`${sweep}/augmentations`)).json();
  assert.deepEqual(of, { dataset: 'shapes10', seed: 4 });
  assert.deepEqual(
    sets.map(({ label, ops }: { label: string; ops: unknown }) => [label, ops]),
    [
      ['none', AUGMENT_SETS.none],
      ['basic', AUGMENT_SETS.basic],
    ],
  );

  await openDataset('shapes10', places);
  let answered = 0;
  let drawn = false;
  const sheet = app.inject(`${sweep}/augmentations.png?images=3&epochs=2`).finally(() => {
    drawn = true;
  });
  while (!drawn) {
    assert.equal((await app.inject('/health')).statusCode, 200);
    if (!drawn) answered++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const answer = await sheet;
  assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'image/png'], answer.body.slice(0, 500));
  assert.ok(answered > 2, `${answered} answers meanwhile`);

  const { data, width } = PNG.sync.read(answer.rawPayload);
  // Rows: originals, two of `none` (equal to the originals), two of `basic` (different).
  const [side, gap] = [64, 4];
  const row = (top: number) =>
    Buffer.concat(
      Array.from({ length: side }, (_, y) => {
        const end = (top + y + 1) * width * 4;
        return data.subarray(end - 3 * (side + gap) * 4, end);
      }),
    );
  const originals = row(gap);
  assert.deepEqual(row(gap + (side + gap) + gap), originals);
  assert.notDeepEqual(row(gap + 3 * (side + gap) + 2 * gap), originals);
});

test('a sheet is drawn from the packed copy of the choice, and nothing is packed', async () => {
  await writeFolder(join(places.folders[0] ?? '', 'photos'), imageFolder());
  const dataset = { name: 'photos', imageSize: 16, classes: ['cat', 'dog'], skipBroken: true };
  const sweep = await submit({ ...spec, dataset });
  const before = await readdir(places.cache).catch(() => []);
  const refused = await app.inject(`${sweep}/augmentations.png`);
  assert.equal(refused.statusCode, 409, refused.body);
  assert.match(
    refused.json().detail,
    /data set "photos" is not packed .* `npx ablate data pack photos --image-size 16 --classes cat,dog --skip-broken`/,
  );
  assert.deepEqual(await readdir(places.cache).catch(() => []), before);
  await openDataset({ name: 'photos', imageSize: 8, skipBroken: true }, places);
  assert.equal((await app.inject(`${sweep}/augmentations.png`)).statusCode, 409);
  await openDataset({ name: 'photos', imageSize: 16, classes: ['dog', 'cat'], skipBroken: true }, places);
  const drawn = await app.inject(`${sweep}/augmentations.png?images=2`);
  assert.equal(drawn.statusCode, 200, drawn.body.slice(0, 300));
  const { data, width } = PNG.sync.read(drawn.rawPayload);
  // The two classes, whose green differs, in turn.
  assert.deepEqual(
    [2, 1].map((column) => data[(4 * width + width - column * 68) * 4 + 1]),
    [0, 1],
  );
});

test('a sheet that cannot be drawn is refused with the reason', async () => {
  const away = await submit({ ...spec, dataset: { name: 'cifar10' } });
  const missing = await app.inject(`${away}/augmentations.png`);
  assert.equal(missing.statusCode, 409, missing.body);
  assert.match(missing.json().detail, /cifar10/);
  assert.equal((await app.inject(`${away}/augmentations.png?images=1000`)).statusCode, 400);
  const unknown = '/api/v1/sweeps/00000000-0000-4000-8000-000000000000/augmentations';
  assert.equal((await app.inject(unknown)).statusCode, 404);
  assert.equal((await app.inject(`${unknown}.png`)).statusCode, 404);
});
