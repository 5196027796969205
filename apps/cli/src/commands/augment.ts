import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Augment, augmentOps, DatasetChoice, UserError } from '@ablate/contracts';
import type { DatasetProgress } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { augmentationSets } from '@ablate/search';
import { Option } from 'commander';
import { asJson, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';
import { expandSpec, readSpec } from '../sweep/spec-file.ts';

type Options = {
  spec?: string;
  augment?: string[];
  dataset?: string;
  imageSize?: number;
  out: string;
  images: number;
  epochs: number;
  seed?: number;
  json?: boolean;
};

type Sheet = {
  dataset: DatasetChoice;
  seed: number;
  sets: { label: string; ops: ReturnType<typeof augmentOps> }[];
  note?: string;
};

const MAX_IMAGES = 64;
const PROGRESS_MS = 1000;

/** The augmentation sets of a spec, or those of the command line. */
async function sheetOf({ spec: file, augment, dataset: name, imageSize, seed }: Options): Promise<Sheet> {
  if (file !== undefined) {
    const { spec, points } = expandSpec(file, await readSpec(file));
    const choices = new Set(points.map(({ config }) => JSON.stringify(config.dataset)));
    return {
      dataset: datasetOf(name, imageSize, points[0]?.config.dataset ?? spec.dataset),
      seed: seed ?? spec.seeds[0] ?? 1,
      sets: augmentationSets(points, spec.augment),
      ...(choices.size > 1 ? { note: `the spec has ${choices.size} choices of data; drawn with the first` } : {}),
    };
  }
  const sets = (augment ?? []).map((label) => {
    const parsed = Augment.safeParse(label);
    if (!parsed.success) throw new UserError(`--augment: ${parsed.error.issues[0]?.message}`, 'usage');
    return { label, ops: augmentOps(parsed.data) };
  });
  if (sets.length === 0)
    throw new UserError('no augmentation: give a spec with --spec, or sets with --augment', 'usage');
  return { dataset: datasetOf(name, imageSize, DatasetChoice.parse({})), seed: seed ?? 1, sets };
}

/** The data set of the command line, else the spec's. A name replaces the whole choice: its classes are of another data set. */
function datasetOf(name: string | undefined, imageSize: number | undefined, written: DatasetChoice): DatasetChoice {
  const { success, data, error } = DatasetChoice.safeParse({
    ...(name === undefined || name === written.name ? written : { name }),
    ...(imageSize === undefined ? {} : { imageSize }),
  });
  if (success) return data;
  const { path = [], message } = error.issues[0] ?? {};
  throw new UserError(`--${path[0] === 'imageSize' ? 'image-size' : 'dataset'}: ${message}`, 'usage');
}

const describe = ({ stage, done, total }: DatasetProgress): string =>
  `${stage} ${done}${total === null ? '' : ` of ${total}`}`;

export const augment: Register = (program, context) => {
  program
    .command('augment')
    .description('Draw augmented training images: a PNG with the original images and the versions of each set.')
    .option('--spec <file>', 'draw the augmentation sets of a spec; - reads stdin')
    .addOption(
      new Option(
        '--augment <set...>',
        'draw these sets: names, or timm strings such as "basic rand-m9 --reprob 0.25"',
      ).conflicts('spec'),
    )
    .option('--dataset <name>', 'data set of the images (default: the spec’s, or cifar10)')
    .option('--image-size <pixels>', 'resize every image to this side (default: the spec’s)', wholeNumber(1))
    .requiredOption('--out <file>', 'PNG file to write')
    .option('--images <n>', 'number of images, one per column', wholeNumber(1), 10)
    .option('--epochs <n>', 'number of versions, one row each per set', wholeNumber(1), 3)
    .option(
      '--seed <n>',
      'draw the versions that a run with this seed trains on (default: the spec’s first, or 1)',
      wholeNumber(0),
    )
    .option('--json', 'print the drawn sets as JSON')
    .addHelpText('after', examples('augment --spec studies/first-run.json --out sheet.png'))
    .action(async (options: Options) => {
      const { dataset, seed, sets, note } = await sheetOf(options);
      const { name } = dataset;
      if (note) context.log(note);
      const { images, epochs, out } = options;
      if (images > MAX_IMAGES) throw new UserError(`--images: the limit is ${MAX_IMAGES}`, 'usage');
      const { DatasetError, dataFolders, drawSheet, SheetError } = await import('@ablate/data');
      const { home, dataFolders: data } = await context.env();
      let reported = 0;
      const onProgress = (progress: DatasetProgress): void => {
        if (Date.now() - reported < PROGRESS_MS) return;
        reported = Date.now();
        context.log(`${name}: ${describe(progress)}`);
      };
      try {
        const folders = dataFolders({ data, repository: REPOSITORY, home });
        const places = { folders, cache: join(home, 'cache') };
        const { signal } = context;
        await writeFile(out, await drawSheet({ dataset, places, sets, images, epochs, seed }, { onProgress, signal }));
      } catch (error) {
        if (error instanceof DatasetError || error instanceof SheetError) throw new UserError(error.message);
        if (error instanceof Error && 'code' in error && 'path' in error)
          throw new UserError(`cannot write ${out}: ${error.message}`, 'usage');
        throw error;
      }
      const labels = sets.map(({ label }) => label);
      context.print(
        options.json
          ? asJson({ out, dataset: name, seed, sets })
          : `${out}: ${labels.join(', ')} on ${name}, seed ${seed}`,
      );
    });
};
