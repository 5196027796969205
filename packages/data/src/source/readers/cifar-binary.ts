/** The official binary versions of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3072 bytes of pixels, channels first (Krizhevsky 2009; the page's "Binary version"). */
import { DatasetError, type Sample } from '../../dataset.ts';
import type { Entry } from '../entries.ts';
import type { LeftOutFiles } from '../left-out.ts';

const SIZE = 32;
const PLANE = SIZE * SIZE;

type Layout = { file: RegExp; test: string; labelBytes: number; classes: readonly string[] };

/** The lines of the archive's `fine_label_names.txt`. Copied, because the archive holds it after the images. */
const CIFAR100_CLASSES: readonly string[] = `
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle
chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider
squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
`
  .trim()
  .split(/\s+/);

const layouts = {
  cifar10: {
    file: /(^|\/)(data_batch_[1-9]|test_batch)\.bin$/,
    test: 'test_batch',
    labelBytes: 1,
    classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  },
  // The first byte is one of 20 coarse labels, the second the fine one.
  cifar100: { file: /(^|\/)(train|test)\.bin$/, test: 'test', labelBytes: 2, classes: CIFAR100_CLASSES },
} satisfies Record<string, Layout>;

const channelsLast = (planes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(3 * PLANE);
  for (let i = 0, to = 0; i < PLANE; i++) {
    out[to++] = planes[i]!;
    out[to++] = planes[PLANE + i]!;
    out[to++] = planes[2 * PLANE + i]!;
  }
  return out;
};

/** Images of the training and test files, in file order. */
export async function* cifarBinarySamples(
  entries: AsyncIterable<Entry>,
  version: keyof typeof layouts,
  leftOut: LeftOutFiles,
): AsyncGenerator<Sample> {
  const { file: pattern, test, labelBytes, classes } = layouts[version];
  const recordBytes = labelBytes + 3 * PLANE;
  for await (const { path, read } of entries) {
    const file = pattern.exec(path)?.[2];
    if (!file) {
      leftOut.add('notImages', path);
      continue;
    }
    const bytes = await read();
    if (bytes.length === 0 || bytes.length % recordBytes !== 0)
      throw new DatasetError(
        `${path}: ${bytes.length} bytes is not a whole number of ${recordBytes}-byte records; download it again`,
      );
    for (let record = 0; record * recordBytes < bytes.length; record++) {
      const at = record * recordBytes + labelBytes;
      const label = bytes[at - 1]!;
      const className = classes[label];
      if (className === undefined)
        throw new DatasetError(
          `${path}: record ${record}: invalid label ${label}, expected 0 to ${classes.length - 1}`,
        );
      const pixels = channelsLast(bytes.subarray(at, at + 3 * PLANE));
      yield {
        set: file === test ? 'test' : 'train',
        className,
        order: `${file}/${String(record).padStart(7, '0')}`,
        image: { width: SIZE, height: SIZE, pixels },
      };
    }
  }
}
