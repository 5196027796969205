/** Small data sets for tests, in each source format. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { PNG } from 'pngjs';
import { type Header, pack } from 'tar-stream';

/** A PNG whose pixel (x, y) has the colour `colour(x, y)`. */
export function png(size: number, colour: (x: number, y: number) => [number, number, number], height = size): Buffer {
  const image = new PNG({ width: size, height });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < size; x++) image.data.set([...colour(x, y), 255], (y * size + x) * 4);
  return PNG.sync.write(image);
}

/** Two classes of 8 × 8 images, each with three training images and one test image: red is the image's number, green its class. */
export function imageFolder({ size = 8 } = {}): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  ['cat', 'dog'].forEach((name, label) => {
    for (let i = 0; i < 3; i++)
      files.set(
        `train/${name}/${i}.png`,
        png(size, () => [i, label, 7]),
      );
    files.set(
      `test/${name}/9.png`,
      png(size, () => [9, label, 7]),
    );
  });
  return files;
}

export async function writeFolder(root: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), bytes);
  }
}

type Entry = { header: Partial<Header> & { name: string }; bytes?: Buffer };

/** Write a tar archive with exactly these headers, gzipped if its name ends in `gz`. */
export async function writeTar(path: string, entries: readonly Entry[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const tar = pack();
  for (const { header, bytes } of entries) tar.entry(header, bytes ?? Buffer.alloc(0));
  tar.finalize();
  const source = Readable.from(tar);
  const target = createWriteStream(path);
  await (path.endsWith('gz') ? pipeline(source, createGzip(), target) : pipeline(source, target));
}

export const tarEntries = (files: ReadonlyMap<string, Buffer>): Entry[] =>
  [...files].map(([name, bytes]) => ({ header: { name }, bytes }));

/** A file of CIFAR-10 records: pixel i of image n has red n, green i mod 256 and blue its label. */
export const cifarRecords = (labels: readonly number[]): Buffer =>
  Buffer.concat(
    labels.map((label, n) => {
      const record = Buffer.alloc(3073);
      record[0] = label;
      for (let i = 0; i < 1024; i++) {
        record[1 + i] = n;
        record[1025 + i] = i % 256;
        record[2049 + i] = label;
      }
      return record;
    }),
  );
