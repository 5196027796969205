/** The files of a packed copy, and its manifest. */
import path from 'node:path';
import { z } from 'zod';

/** The path of a packed copy without its extension; `stem` is `<name>-<key>`. */
export type PackedPath = { folder: string; stem: string };

/** `bin` and `json`: the packed copy; `part` and `journal`: an unfinished one; `lock`: the process that packs. */
type Extension = 'bin' | 'json' | 'part' | 'journal' | 'lock';

export const file = ({ folder, stem }: PackedPath, extension: Extension): string =>
  path.join(folder, `${stem}.${extension}`);

const channels = z.tuple([z.number(), z.number(), z.number()]);

/** Examples are paths in the source. */
const examples = z.array(z.string());

export const Manifest = z.strictObject({
  name: z.string(),
  /** Version of packing. Copies of other versions are not used. */
  version: z.int().min(0),
  /** Of the whole `.bin` file: the labels of the training, test and validation sets, then their pixels in the same order. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1),
  /** Of one image: height, width, channels. */
  shape: z.tuple([z.int().min(1), z.int().min(1), z.literal(3)]),
  classes: z.array(z.string()).min(2),
  counts: z.strictObject({ train: z.int().min(1), test: z.int().min(1), validation: z.int().min(0) }),
  /** Training images of each class. */
  perClass: z.array(z.int().min(1)),
  /** Test images of each class. */
  testPerClass: z.array(z.int().min(0)),
  /** Over the training images; a byte of 255 counts as 1. */
  mean: channels,
  std: channels,
  splitRule: z.string(),
  source: z.string(),
  /** Choice from the source: size, classes, images per class. */
  choice: z.record(z.string(), z.unknown()),
  /** Files skipped because they cannot be decoded. */
  broken: z.strictObject({ count: z.int().min(0), first: examples }),
  /** Files of the source that are not used, by reason. */
  leftOut: z.array(z.strictObject({ reason: z.string(), count: z.int().min(1), first: examples })),
  /** Images of one set whose pixels are those of an image of another set. */
  shared: z.array(
    z.strictObject({
      set: z.enum(['validation', 'test']),
      with: z.enum(['train', 'validation']),
      count: z.int().min(0),
      first: examples,
    }),
  ),
  notes: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

const HELD_OUT =
  'a share dataset.validation of the training images is held out for validation, stratified by class, drawn with dataset.splitSeed';

export const SPLIT_RULES = {
  given: 'training, validation and test images as in the source',
  heldOut: `training and test images as in the source; ${HELD_OUT}`,
  validationAsTest: `the source has no labelled test images: its validation images are the test set; ${HELD_OUT}`,
} as const;
