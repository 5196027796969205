/** Counts the files of a source that are not used, and why. */
import { fileKind } from './file-kinds.ts';

/** `told`: also in the notes of runs, for every file or only for files that look like images. */
const REASONS = {
  hidden: { told: 'images', one: 'hidden or system file', many: 'hidden or system files' },
  otherKind: { told: 'all', one: 'file of another kind', many: 'files of other kinds' },
  notImages: { told: 'images', one: 'file that the format does not use', many: 'files that the format does not use' },
  outside: {
    told: 'all',
    one: 'image outside train/, val/ and test/',
    many: 'images outside train/, val/ and test/',
  },
  unlabelled: { told: 'all', one: 'image without a class folder', many: 'images without a class folder' },
  furtherImage: { told: 'all', one: 'further image of a sample', many: 'further images of samples' },
  noImage: { told: 'all', one: 'label without an image', many: 'labels without an image' },
  missing: { told: 'all', one: 'file that cannot be opened', many: 'files that cannot be opened' },
  special: {
    told: 'all',
    one: 'link in a circle, pipe, socket or device',
    many: 'links in a circle, pipes, sockets or devices',
  },
  otherClass: { told: 'none', one: 'image not in dataset.classes', many: 'images not in dataset.classes' },
  beyondCount: {
    told: 'none',
    one: 'image beyond dataset.imagesPerClass',
    many: 'images beyond dataset.imagesPerClass',
  },
} as const satisfies Record<string, { told: 'all' | 'images' | 'none'; one: string; many: string }>;
type LeftOutReason = keyof typeof REASONS;

/** `count` files were left out for a reason; `first`: the first of them. */
type LeftOut = { reason: string; count: number; first: string[] };

const EXAMPLES = 20;

export type LeftOutFiles = {
  add(reason: LeftOutReason, path: string): void;
  /** For the manifest. */
  list(): LeftOut[];
  /** For the notes of runs. */
  notes(): string[];
};

const named = (count: number, reason: LeftOutReason) => `${count} ${REASONS[reason][count === 1 ? 'one' : 'many']}`;

export function leftOutFiles(): LeftOutFiles {
  const found = new Map<LeftOutReason, { count: number; first: string[]; told: number; example: string }>();
  return {
    add(reason, path) {
      const group = found.get(reason) ?? { count: 0, first: [], told: 0, example: path };
      group.count++;
      if (group.first.length < EXAMPLES) group.first.push(path);
      const { told } = REASONS[reason];
      if (told === 'all' || (told === 'images' && ['image', 'other'].includes(fileKind(path))))
        if (group.told++ === 0) group.example = path;
      found.set(reason, group);
    },
    list: () => [...found].map(([reason, { count, first }]) => ({ reason: REASONS[reason].many, count, first })),
    notes: () =>
      [...found]
        .filter(([, { told }]) => told > 0)
        .map(([reason, { told, example }]) => `${named(told, reason)} left out, such as ${example}`),
  };
}
