/** Each source format: a small example is read; a damaged or mislabelled one is refused with the file and the reason. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDataset, openPixels } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { png, tarEntries, writeFolder, writeTar } from './archives.ts';

function home() {
  const { path } = temporaryFolder();
  const cache = join(path, 'cache');
  return {
    data: join(path, 'data'),
    open: (name: string) => openDataset(name, { folders: [join(path, 'data')], cache }),
  };
}

/** CIFAR-100 records: coarse label, fine label, pixels. */
const cifar100 = (labels: readonly number[]) =>
  Buffer.concat(labels.map((fine) => Buffer.concat([Buffer.from([fine % 20, fine]), Buffer.alloc(3072, fine)])));

test('CIFAR-100: fine labels are read, invalid labels are refused', async () => {
  const { data, open } = home();
  const files = new Map([
    ['cifar-100-binary/train.bin', cifar100([99, 0, 7])],
    ['cifar-100-binary/test.bin', cifar100([7])],
    ['cifar-100-binary/fine_label_names.txt', Buffer.from('apple\n')],
  ]);
  await writeTar(join(data, 'cifar-100-binary.tar.gz'), tarEntries(files));
  const found = await open('cifar100');
  assert.deepEqual(found.classes, ['apple', 'beetle', 'worm']);
  assert.deepEqual([...found.train.labels], [2, 0, 1]);
  assert.deepEqual([...found.test.labels], [1]);
  files.set('cifar-100-binary/test.bin', cifar100([100]));
  await writeTar(join(data, 'cifar-100-binary.tar.gz'), tarEntries(files));
  await assert.rejects(open('cifar100'), /test\.bin: record 0: invalid label 100, expected 0 to 99/);
});

test('the Python version of CIFAR is refused with a link to the binary version, and ignored beside another format', async () => {
  const { data, open } = home();
  await writeTar(join(data, 'cifar-10-python.tar.gz'), [{ header: { name: 'cifar-10-batches-py/data_batch_1' } }]);
  await assert.rejects(open('cifar10'), /is a pickle, which can run code, .*cifar-10-binary\.tar\.gz/);
  await writeTar(join(data, 'cifar10.tar'), tarEntries(folders(['a', 'b'])));
  assert.equal((await open('cifar10')).classes.length, 2);
});

/** One 8 × 8 training image and one test image of each class. */
const folders = (classes: readonly string[]) =>
  new Map(
    classes.flatMap((name, i) =>
      ['train', 'test'].map((set) => [`${set}/${name}/0.png`, png(8, () => [i, i, i])] as const),
    ),
  );

const idx = (shape: readonly number[], bytes: readonly number[]) => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Buffer.from(bytes)]);
};

test('idx files, gzipped or not: greyscale becomes RGB, labels number the classes', async () => {
  const { data, open } = home();
  const pixels = Array.from({ length: 3 * 4 }, (_, i) => i);
  const files = new Map([
    ['train-images-idx3-ubyte.gz', gzipSync(idx([3, 2, 2], pixels))],
    ['train-labels-idx1-ubyte.gz', gzipSync(idx([3], [10, 9, 10]))],
    ['t10k-images-idx3-ubyte', idx([1, 2, 2], [7, 7, 7, 7])],
    ['t10k-labels-idx1-ubyte', idx([1], [9])],
  ]);
  await writeFolder(join(data, 'mnist'), files);
  const found = await open('mnist');
  assert.deepEqual(found.classes, ['9', '10']);
  assert.deepEqual([...found.train.labels], [1, 0, 1]);
  assert.deepEqual([...openPixels(found.train.images, 12).at(1)], [4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7]);
  await writeFile(join(data, 'mnist', 't10k-labels-idx1-ubyte'), idx([2], [9, 9]));
  await assert.rejects(open('mnist'), /2 labels for 1 images/);
  await writeFile(join(data, 'mnist', 't10k-labels-idx1-ubyte'), idx([2], [9]));
  await assert.rejects(open('mnist'), /t10k-labels.*: expected 2 bytes for shape 2, found 1; download it again/);
});

const shard = (labels: Record<string, string | null>) =>
  tarEntries(
    new Map(
      Object.entries(labels).flatMap(([key, label]) => [
        [`${key}.png`, png(8, () => [1, 2, 3])] as const,
        ...(label === null ? [] : [[`${key}.cls`, Buffer.from(label)] as const]),
      ]),
    ),
  );

test('WebDataset shards: a numeric label indexes classnames.txt', async () => {
  const { data, open } = home();
  const root = join(data, 'shards');
  await writeTar(join(root, 'train-000000.tar'), shard({ a: '1', b: '0' }));
  await writeTar(join(root, 'train-000001.tar'), shard({ a: '0' }));
  await writeTar(join(root, 'test-000000.tar'), shard({ z: '1' }));
  await writeFile(join(root, 'classnames.txt'), 'wolf\ncat\n');
  const found = await open('shards');
  assert.deepEqual(found.classes, ['wolf', 'cat']);
  assert.deepEqual([...found.train.labels], [1, 0, 0]);
  await writeTar(join(root, 'test-000000.tar'), shard({ z: '2' }));
  await assert.rejects(open('shards'), /test-000000\.tar\/z: invalid label 2; classnames\.txt names 2 classes/);
  await writeTar(join(root, 'test-000000.tar'), shard({ z: null }));
  await assert.rejects(open('shards'), /test-000000\.tar\/z: missing \.cls for the image/);
});

async function writeParquet(path: string, labels: readonly number[]): Promise<void> {
  const image = labels.map((label) => ({ bytes: new Uint8Array(png(8, () => [label, 0, 0])), path: null }));
  const features = { image: { _type: 'Image' }, label: { _type: 'ClassLabel', names: ['zebra', 'ant'] } };
  const written = parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'image', data: image },
      { name: 'label', data: labels.map((label) => BigInt(label)) },
    ],
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  });
  await writeFolder(dirname(path), new Map([[path.slice(dirname(path).length + 1), Buffer.from(written)]]));
}

test('Hugging Face parquet: class names and numbers come from its ClassLabel', async () => {
  const { data, open } = home();
  const root = join(data, 'hub', 'data');
  await writeParquet(join(root, 'train-00000-of-00001.parquet'), [1, 0, 1]);
  await writeParquet(join(root, 'test-00000-of-00001.parquet'), [0]);
  const found = await open('hub');
  assert.deepEqual(found.classes, ['zebra', 'ant']);
  assert.deepEqual([...found.train.labels], [1, 0, 1]);
  await writeParquet(join(root, 'test-00000-of-00001.parquet'), [2]);
  await assert.rejects(open('hub'), /invalid label 2, expected 0 to 1/);
  const train = await readFile(join(root, 'train-00000-of-00001.parquet'));
  for (const cut of [8, train.length / 2, train.length - 8, train.length - 1]) {
    await writeFile(join(root, 'test-00000-of-00001.parquet'), train.subarray(0, cut));
    await assert.rejects(
      open('hub'),
      /data set "hub": .*test-00000.*: not a readable parquet file .*download it again/,
    );
  }
  await writeFile(join(root, 'test-00000-of-00001.parquet'), 'PAR1 cut off');
  await assert.rejects(open('hub'), /test-00000.*: not a readable parquet file/);
  await writeFile(join(root, 'test-00000-of-00001.parquet'), '');
  await assert.rejects(open('hub'), /test-00000.*: is empty/);
});
