/** The idx format of MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, gzipped or not (yann.lecun.com/exdb/mnist). */
import { gunzipSync } from 'node:zlib';
import { DatasetError, type Sample, type SetName } from '../../dataset.ts';
import type { Entry } from '../entries.ts';
import type { LeftOutFiles } from '../left-out.ts';

const FILE = /(?:^|\/)([a-z0-9-]+?)[-.](images|labels)[-.]idx([13])[-.]ubyte(\.gz)?$/i;
const MAX_BYTES = 2 ** 30;

const setOf = (stem: string): SetName | undefined =>
  /train/i.test(stem) ? 'train' : /t10k|test/i.test(stem) ? 'test' : /val/i.test(stem) ? 'validation' : undefined;

/** Header: two zero bytes, the type (8: unsigned byte), the number of dimensions, each as a big-endian 32-bit number. */
function readIdx(path: string, bytes: Uint8Array, dimensions: number): { shape: number[]; data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + 4 * dimensions;
  if (bytes.length < start || view.getUint32(0) !== 0x0800 + dimensions)
    throw new DatasetError(`${path}: not an idx file of bytes with ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = shape.reduce((a, b) => a * b, 1);
  if (bytes.length - start !== expected)
    throw new DatasetError(
      `${path}: expected ${expected} bytes for shape ${shape.join('×')}, found ${bytes.length - start}; download it again`,
    );
  return { shape, data: bytes.subarray(start) };
}

function unzipped(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(MAX_BYTES, Math.max(2 ** 24, 100 * bytes.length)) });
  } catch (error) {
    throw new DatasetError(`${path}: cannot decompress (${error instanceof Error ? error.message : error})`);
  }
}

type Half = { path: string; shape: number[]; data: Uint8Array };

/** Greyscale images become RGB. A class is named and numbered by its label. */
export async function* idxSamples(entries: AsyncIterable<Entry>, leftOut: LeftOutFiles): AsyncGenerator<Sample> {
  const halves = new Map<SetName, { images?: Half; labels?: Half }>();
  for await (const { path, read } of entries) {
    const [, stem = '', what = '', dimensions] = FILE.exec(path) ?? [];
    const set = setOf(stem);
    if (!set) {
      leftOut.add('notImages', path);
      continue;
    }
    const half = { path, ...readIdx(path, unzipped(path, await read()), Number(dimensions)) };
    const both = halves.get(set) ?? {};
    const kind = what.toLowerCase() === 'images' ? 'images' : 'labels';
    if (both[kind]) throw new DatasetError(`${path}: duplicate ${set} ${kind}, also in ${both[kind].path}`);
    halves.set(set, { ...both, [kind]: half });
  }
  for (const [set, { images, labels }] of halves) {
    if (!images || !labels)
      throw new DatasetError(`${(images ?? labels)?.path}: missing ${images ? 'labels' : 'images'} file for it`);
    const [count = 0, height = 0, width = 0] = images.shape;
    if (images.shape.length !== 3 || labels.shape.length !== 1 || labels.shape[0] !== count)
      throw new DatasetError(`${labels.path}: ${labels.shape.join('×')} labels for ${count} images`);
    for (let i = 0; i < count; i++) {
      const gray = images.data.subarray(i * width * height, (i + 1) * width * height);
      const pixels = new Uint8Array(gray.length * 3);
      for (let from = 0, to = 0; from < gray.length; from++, to += 3) pixels.fill(gray[from]!, to, to + 3);
      const classIndex = labels.data[i]!;
      const order = `${set}/${String(i).padStart(8, '0')}`;
      yield { set, className: String(classIndex), classIndex, order, image: { width, height, pixels } };
    }
  }
}
