import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Dataset,
  type DatasetProgress,
  dataFolders,
  findDataset,
  openDataset,
  openPixels,
  split,
} from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { cifarRecords, imageFolder, png, tarEntries, writeFolder, writeTar } from './archives.ts';

/** A temporary folder of data sets and a cache. */
function home() {
  const { path } = temporaryFolder();
  const data = join(path, 'data');
  const cache = join(path, 'cache');
  return { data, cache, open: (name: string) => openDataset(name, { folders: [data], cache }) };
}

const firstPixels = ({ images, count }: Dataset['train'], size: number) => {
  const pixels = openPixels(images, size * size * 3);
  const found = Array.from({ length: count }, (_, i) => [...pixels.at(i).subarray(0, 3)]);
  pixels.close();
  return found;
};

test('an image folder gives the same data set as a tar, as a tar.gz in another order, and unpacked', async () => {
  const { data, open } = home();
  const files = imageFolder();
  await writeTar(join(data, 'plain.tar'), tarEntries(files));
  await writeTar(join(data, 'zipped.tar.gz'), tarEntries(new Map([...files].reverse())));
  await writeTar(
    join(data, 'below-imagefolder.tar.gz'),
    tarEntries(new Map([...files].map(([name, bytes]) => [`./some/where/${name}`, bytes]))),
  );
  await writeFolder(join(data, 'unpacked'), files);

  const plain = await open('plain');
  assert.deepEqual(plain.classes, ['cat', 'dog']);
  assert.equal(plain.imageSize, 8);
  assert.deepEqual([...plain.train.labels], [0, 0, 0, 1, 1, 1]);
  assert.deepEqual([...plain.test.labels], [0, 1]);
  assert.deepEqual(firstPixels(plain.train, 8), [
    [0, 0, 7],
    [1, 0, 7],
    [2, 0, 7],
    [0, 1, 7],
    [1, 1, 7],
    [2, 1, 7],
  ]);
  for (const name of ['zipped', 'below', 'unpacked']) assert.equal((await open(name)).hash, plain.hash, name);
});

test('val/ is the test set if there is no test/, else the validation set', async () => {
  const { data, open } = home();
  const files = imageFolder();
  const asVal = new Map([...files].map(([name, bytes]) => [name.replace('test/', 'val/'), bytes]));
  await writeFolder(join(data, 'val'), asVal);
  const two = await open('val');
  assert.equal(two.test.count, 2);
  assert.equal(two.validation, undefined);

  const three = new Map([
    ...files,
    ['val/dog/4.png', png(8, () => [4, 1, 7])],
    ['val/cat/5.png', png(8, () => [5, 0, 7])],
  ]);
  await writeFolder(join(data, 'three'), three);
  const found = await open('three');
  assert.ok(found.validation);
  assert.deepEqual(firstPixels(found.validation, 8), [
    [5, 0, 7],
    [4, 1, 7],
  ]);
  assert.deepEqual([...found.validation.labels], [0, 1]);
  assert.match(found.note ?? '', /validation images come with the data set/);
  const chosen = split(found, { samples: 4, validation: 0.5, splitSeed: 0 });
  assert.equal(chosen.train.length, 4);
  assert.deepEqual([...chosen.validation], [0, 1]);
  assert.equal(chosen.heldOut, found.validation);
  assert.equal(split(two, { samples: 4, validation: 0.5, splitSeed: 0 }).heldOut, two.train);
});

test('the official CIFAR-10 binaries are read from the archive and unpacked, and take precedence over copies', async () => {
  const { data, open } = home();
  const classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const files = new Map([
    ['cifar-10-batches-bin/data_batch_2.bin', cifarRecords([9, 9])],
    ['cifar-10-batches-bin/data_batch_1.bin', cifarRecords(classes)],
    ['cifar-10-batches-bin/test_batch.bin', cifarRecords([3, 0])],
    ['cifar-10-batches-bin/readme.html', Buffer.from('<html>')],
  ]);
  await writeTar(join(data, 'cifar-10-binary.tar.gz'), tarEntries(files));
  await writeFolder(join(data, 'cifar10'), imageFolder());
  const packed = await open('cifar10');
  assert.equal(packed.classes[1], 'automobile');
  assert.deepEqual([...packed.train.labels], [...classes, 9, 9]);
  assert.deepEqual([...packed.test.labels], [3, 0]);
  // Pixel 5 of the second image of the second file, channels last.
  assert.deepEqual([...openPixels(packed.train.images, 3072).at(11).subarray(15, 18)], [1, 5, 9]);
  assert.equal(packed.note, '8 classes have no test images, such as "automobile"');

  const unpacked = home();
  await writeFolder(unpacked.data, files);
  assert.equal((await unpacked.open('cifar10')).hash, packed.hash);
});

test('truncated binary records and invalid labels are refused', async () => {
  const { data, open } = home();
  const folder = join(data, 'cifar-10-batches-bin');
  await writeFolder(folder, new Map([['data_batch_1.bin', cifarRecords([0, 10])]]));
  await assert.rejects(open('cifar10'), /record 1: invalid label 10/);
  await truncate(join(folder, 'data_batch_1.bin'), 5000);
  await assert.rejects(open('cifar10'), /5000 bytes is not a whole number/);
});

test('greyscale, JPEG and PNG images become RGB, and a note reports JPEG copies of CIFAR-10', async () => {
  const { data, open } = home();
  const gray = new PNG({ width: 8, height: 8 });
  for (let i = 0; i < 64; i++) gray.data.set([100, 100, 100, 255], i * 4);
  const grayPng = PNG.sync.write(gray, { colorType: 0 });
  const red = Buffer.from(Array.from({ length: 64 }, () => [200, 20, 20, 255]).flat());
  const jpeg = encode({ width: 8, height: 8, data: red }, 95).data;
  const files = new Map([
    ['train/a/0.png', grayPng],
    ['train/b/0.JPEG', jpeg],
    ['test/a/0.png', grayPng],
    ['classes.tsv', Buffer.from('a\tb')],
  ]);
  await writeFolder(join(data, 'cifar10'), files);
  const found = await open('cifar10');
  const [first, second] = firstPixels(found.train, 8);
  assert.deepEqual(first, [100, 100, 100]);
  for (const [channel, value] of [200, 20, 20].entries()) assert.ok(Math.abs((second?.[channel] ?? 0) - value) <= 4);
  assert.match(found.note ?? '', /JPEG copies of cifar10/);
});

const REFUSED: Record<string, [Map<string, Buffer>, RegExp]> = {
  'images of two sizes': [
    new Map([...imageFolder(), ['train/cat/large.png', png(16, () => [0, 0, 0])]]),
    /cat\/large\.png: size mismatch: 16 pixels a side, .* has 8/,
  ],
  'an image that is not square': [
    new Map([...imageFolder(), ['train/cat/wide.png', png(16, () => [0, 0, 0], 8)]]),
    /wide\.png: 16×8 pixels, expected a square/,
  ],
  'a class without training images': [
    new Map([...imageFolder(), ['test/fox/0.png', png(8, () => [0, 0, 0])]]),
    /class "fox" has no training images/,
  ],
  'one class': [new Map([...imageFolder()].filter(([name]) => name.includes('cat'))), /one class only, "cat"/],
  'no test images': [new Map([...imageFolder()].filter(([name]) => name.startsWith('train'))), /6 training and 0 test/],
  'a file with an image’s extension that is no image': [
    new Map([...imageFolder(), ['train/cat/x.jpg', Buffer.from('#!/bin/sh')]]),
    /train\/cat\/x\.jpg: not a JPEG, PNG, WebP, TIFF or BMP file/,
  ],
  'a damaged image': [
    new Map([...imageFolder(), ['train/cat/x.png', png(8, () => [1, 2, 3]).subarray(0, 60)]]),
    /train\/cat\/x\.png: damaged or incomplete PNG/,
  ],
};
for (const [what, [files, message]] of Object.entries(REFUSED))
  test(`${what}: refused, and leaves no files`, async () => {
    const { data, cache, open } = home();
    await writeFolder(join(data, 'set'), files);
    await assert.rejects(open('set'), (error: Error) => message.test(error.message) && error.message.includes(data));
    assert.ok(!existsSync(cache) || (await readdir(cache)).length === 0);
  });

test('an image that claims to be huge is refused before it is decoded', async () => {
  const { data, open } = home();
  const bomb = png(8, () => [1, 2, 3]);
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  await writeFolder(join(data, 'set'), new Map([...imageFolder(), ['train/cat/bomb.png', bomb]]));
  await assert.rejects(open('set'), /60000×60000 pixels; sides must be between 1 and 1024/);
});

test('a packed copy is reused, and packed again if it is damaged or its source has changed', async () => {
  const { data, cache, open } = home();
  const source = join(data, 'set.tar');
  await writeTar(source, tarEntries(imageFolder()));
  const first = await open('set');
  const packed = async () => (await readdir(cache)).filter((name) => name.endsWith('.bin'));
  const [bin] = await packed();
  assert.ok(bin);
  // The second open reads the copy, not the source.
  const manifest = JSON.parse(await readFile(join(cache, bin.replace('.bin', '.json')), 'utf8'));
  assert.equal(manifest.sha256, first.hash);
  await writeFile(join(cache, bin.replace('.bin', '.json')), JSON.stringify({ ...manifest, notes: ['from the copy'] }));
  assert.equal((await open('set')).note, 'from the copy');

  const bytes = await readFile(join(cache, bin));
  bytes[bytes.length - 1] = 255;
  await writeFile(join(cache, bin), bytes);
  const mended = await open('set');
  assert.equal(mended.hash, first.hash);
  assert.equal(mended.note, undefined);
  await truncate(join(cache, bin), 100);
  assert.equal((await open('set')).hash, first.hash);

  await utimes(source, new Date(), new Date(Date.now() - 5_000_000));
  assert.equal((await open('set')).hash, first.hash);
  assert.equal((await packed()).length, 2);
});

test('concurrent packers all get the data set, and leave no temporary files', async () => {
  const { data, cache, open } = home();
  await writeTar(join(data, 'set.tar'), tarEntries(imageFolder()));
  const found = await Promise.all(Array.from({ length: 4 }, () => open('set')));
  assert.equal(new Set(found.map(({ hash }) => hash)).size, 1);
  assert.equal((await readdir(cache)).length, 2);
});

test('mean and standard deviation are those of the training images', async () => {
  const { data, open } = home();
  await writeFolder(join(data, 'set'), imageFolder());
  const { mean, std } = await open('set');
  // Red is 0, 1, 2 in both classes; green is 0 in one and 1 in the other; blue is 7 everywhere.
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);
  close(mean[0], 1 / 255);
  close(mean[1], 0.5 / 255);
  close(mean[2], 7 / 255);
  close(std[0], Math.sqrt(2 / 3) / 255);
  close(std[1], 0.5 / 255);
  close(std[2], 0);
});

test('folders are searched in order; an entry of the path may be the data set itself', async () => {
  const { data } = home();
  const [first, second] = [join(data, 'first'), join(data, 'second')];
  await writeTar(join(second, 'set.tar.gz'), tarEntries(imageFolder()));
  assert.equal((await findDataset('set', { folders: [first, second] }))?.path, join(second, 'set.tar.gz'));
  await writeFolder(join(first, 'set'), imageFolder());
  assert.equal((await findDataset('set', { folders: [first, second] }))?.path, join(first, 'set'));
  assert.equal((await findDataset('set', { folders: [join(first, 'set')] }))?.path, join(first, 'set'));
  const archive = join(second, 'set.tar.gz');
  assert.equal((await findDataset('set', { folders: [archive] }))?.path, archive);
  assert.equal(await findDataset('other', { folders: [first, second, join(data, 'missing')] }), null);
  assert.deepEqual(dataFolders({ data: `${first}:${second}`, repository: '/a/b', home: '/h' }), [
    first,
    second,
    '/a/shared/data',
    '/h/data',
  ]);
});

test('the error for an unknown data set lists the searched folders', async () => {
  const { data, open } = home();
  await assert.rejects(
    open('nowhere'),
    (error: Error) => error.message.includes(data) && error.message.includes('ABLATE_DATA'),
  );
});

const SHARED = join(REPOSITORY, '..', 'shared', 'data', 'tiny-imagenet-20.tar.gz');
test('real photographs are packed, with progress', {
  skip: !existsSync(SHARED) && 'no photographs here',
}, async () => {
  const { data, cache } = home();
  await mkdir(data, { recursive: true });
  await copyFile(SHARED, join(data, 'tiny-imagenet-20.tar.gz'));
  const seen: DatasetProgress[] = [];
  const found = await openDataset('tiny-imagenet-20', { folders: [data], cache, onProgress: (p) => seen.push(p) });
  assert.equal(found.imageSize, 64);
  assert.equal(found.classes.length, 20);
  assert.deepEqual([found.train.count, found.test.count], [10_000, 1_000]);
  assert.ok(found.mean.every((value) => value > 0.35 && value < 0.55) && found.std.every((value) => value > 0.2));
  assert.deepEqual(seen.at(-1), { stage: 'packing', done: 11_000, total: 11_000 });
});
