/** A spec's choices of a data set: image size, classes, images per class, skipped files; and resumed packing. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PackChoice } from '@ablate/contracts';
import { decodeImage, openDataset, openPixels } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';
import sharp from 'sharp';
import { imageFolder, png, tarEntries, writeFolder, writeTar } from './archives.ts';

function home() {
  const { path } = temporaryFolder();
  const folders = [join(path, 'data')];
  const cache = join(path, 'cache');
  const open = (choice: PackChoice, memoryBytes?: number) => openDataset(choice, { folders, cache, memoryBytes });
  return { data: join(path, 'data'), folders, cache, open };
}

test('images of any size and shape are resized and cropped to dataset.imageSize', async () => {
  const { data, open } = home();
  const files = new Map([...imageFolder(), ['train/cat/wide.png', png(40, () => [90, 0, 0], 20)]]);
  await writeFolder(join(data, 'set'), files);
  const found = await open({ name: 'set', imageSize: 16 });
  assert.equal(found.imageSize, 16);
  assert.deepEqual([...openPixels(found.train.images, 768).at(3).subarray(0, 3)], [90, 0, 0]);
});

test('a choice of classes and of images per class selects exactly those images', async () => {
  const { data, open } = home();
  await writeFolder(join(data, 'set'), new Map([...imageFolder(), ['train/fox/0.png', png(8, () => [0, 0, 0])]]));
  const found = await open({ name: 'set', classes: ['dog', 'cat'], imagesPerClass: 2 });
  assert.deepEqual(found.classes, ['cat', 'dog']);
  assert.deepEqual([found.train.count, found.test.count], [4, 2]);
  await assert.rejects(open({ name: 'set', classes: ['cat', 'unicorn'] }), /dataset\.classes: unknown class unicorn/);
});

test('broken files are refused by name, or skipped and counted', async () => {
  const { data, open } = home();
  await writeFolder(join(data, 'set'), new Map([...imageFolder(), ['train/cat/x.png', Buffer.alloc(0)]]));
  await assert.rejects(open({ name: 'set' }), /cat\/x\.png: is empty; repair or remove it, or set dataset\.skipBroken/);
  const found = await open({ name: 'set', skipBroken: true });
  assert.equal(found.train.count, 6);
  assert.match(found.note ?? '', /1 broken files skipped, for example train\/cat\/x\.png/);
});

test('a packed copy above the memory limit is read from its file', async () => {
  const { data, open } = home();
  await writeTar(join(data, 'set.tar'), tarEntries(imageFolder()));
  const [memory, disk] = [await open({ name: 'set' }), await open({ name: 'set' }, 100)];
  assert.ok(memory.train.images instanceof Uint8Array && memory.train.images.buffer instanceof SharedArrayBuffer);
  assert.ok(!(disk.train.images instanceof Uint8Array));
  const [a, b] = [openPixels(memory.test.images, 192), openPixels(disk.test.images, 192)];
  assert.deepEqual([...a.at(1)], [...b.at(1)]);
  b.close();
});

test('interrupted packing resumes, and produces the same bytes', async () => {
  const { data, folders, cache, open } = home();
  const files = new Map(
    ['a', 'b'].flatMap((name, label) =>
      Array.from({ length: 600 }, (_, i) => {
        const set = i < 500 ? 'train' : 'test';
        return [`${set}/${name}/${i}.png`, png(8, () => [i % 256, label, 3])] as const;
      }),
    ),
  );
  await writeTar(join(data, 'set.tar'), tarEntries(files));
  await writeTar(join(data, 'whole.tar'), tarEntries(files));
  const stop = new AbortController();
  const done: number[] = [];
  const options = { folders, cache, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) };
  await assert.rejects(openDataset('set', options), /enough/);
  assert.deepEqual((await readdir(cache)).map((name) => name.split('.').at(-1)).sort(), ['journal', 'part']);
  const found = await openDataset('set', { folders, cache, onProgress: ({ done: n }) => done.push(n) });
  assert.ok((done[0] ?? 0) > 128, `resumed at ${done[0]}`);
  assert.equal(found.hash, (await open({ name: 'whole' })).hash);
  assert.ok((await readdir(cache)).every((name) => /\.(bin|json)$/.test(name)));
});

test('WebP, CMYK and JPEGs with Exif orientation are decoded as displayed', async () => {
  const half = Buffer.alloc(40 * 20 * 3);
  for (let i = 0; i < half.length; i += 3) half[i] = (i / 3) % 40 < 20 ? 250 : 0;
  const image = () => sharp(half, { raw: { width: 40, height: 20, channels: 3 } });
  const red = ({ pixels, width }: { pixels: Uint8Array; width: number }, x: number, y: number) =>
    pixels[(y * width + x) * 3] ?? -1;
  const webp = await decodeImage(await image().webp({ lossless: true }).toBuffer(), 'a.webp');
  assert.deepEqual([webp.width, webp.height, red(webp, 5, 5), red(webp, 35, 5)], [40, 20, 250, 0]);
  // Orientation 6: displayed rotated by 90° clockwise.
  const turned = await decodeImage(await image().withMetadata({ orientation: 6 }).jpeg().toBuffer(), 'b.jpg');
  assert.deepEqual([turned.width, turned.height], [20, 40]);
  assert.ok(red(turned, 10, 5) > 220 && red(turned, 10, 35) < 30);
  const cmyk = await decodeImage(await image().toColourspace('cmyk').jpeg().toBuffer(), 'c.jpg');
  assert.ok(red(cmyk, 5, 5) > 180 && red(cmyk, 35, 5) < 90, `${red(cmyk, 5, 5)} and ${red(cmyk, 35, 5)}`);
});
