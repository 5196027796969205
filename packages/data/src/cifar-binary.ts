/** The official binary version of CIFAR-10: records of one label byte and 3072 bytes of pixels, channels first (Krizhevsky 2009; the page's "Binary version"). */
import { DatasetError, type Sample } from './dataset.ts';
import type { Entry } from './entries.ts';

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const SIZE = 32;
const PLANE = SIZE * SIZE;
const RECORD = 1 + 3 * PLANE;
const FILE = /(^|\/)(data_batch_[1-9]|test_batch)\.bin$/;

const channelsLast = (planes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(3 * PLANE);
  for (let i = 0, to = 0; i < PLANE; i++) {
    out[to++] = planes[i]!;
    out[to++] = planes[PLANE + i]!;
    out[to++] = planes[2 * PLANE + i]!;
  }
  return out;
};

/** Images of `data_batch_1.bin` … `test_batch.bin`, in the files' order. */
export async function* cifarBinarySamples(entries: AsyncIterable<Entry>): AsyncGenerator<Sample> {
  for await (const { path, bytes } of entries) {
    const file = FILE.exec(path)?.[2];
    if (!file) continue;
    if (bytes.length === 0 || bytes.length % RECORD !== 0)
      throw new DatasetError(
        `${path}: ${bytes.length} bytes is not a whole number of ${RECORD}-byte records; fetch it again`,
      );
    for (let record = 0; record * RECORD < bytes.length; record++) {
      const at = record * RECORD;
      const className = CLASSES[bytes[at]!];
      if (className === undefined)
        throw new DatasetError(`${path}: record ${record} has the label ${bytes[at]}, not 0 to 9`);
      yield {
        set: file === 'test_batch' ? 'test' : 'train',
        className,
        order: `${file}/${String(record).padStart(7, '0')}`,
        size: SIZE,
        pixels: channelsLast(bytes.subarray(at + 1, at + RECORD)),
      };
    }
  }
}
