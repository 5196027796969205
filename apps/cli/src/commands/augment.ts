import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@ablate/contracts/user-error';
import type { DatasetProgress } from '@ablate/data';
import { Option } from 'commander';
import { asJson, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';

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

const MAX_IMAGES = 64;
const PROGRESS_MS = 1000;

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
    .addHelpText('after', examples('augment --spec studies/first-run/sweep.json --out sheet.png'))
    .action(async (options: Options) => {
      const { sheetOf } = await import('../augmentation-sheet.ts');
      const { dataset, seed, sets, note } = await sheetOf(options);
      const { name } = dataset;
      if (note) context.log(note);
      const { images, epochs, out } = options;
      if (images > MAX_IMAGES) throw new UserError(`--images: the limit is ${MAX_IMAGES}`, 'usage');
      const [{ DatasetError, dataFolders, drawSheet, SheetError }, { REPOSITORY }] = await Promise.all([
        import('@ablate/data'),
        import('@ablate/files'),
      ]);
      const { home, dataFolders: data } = await context.env();
      let reported = Number.NEGATIVE_INFINITY;
      const onProgress = (progress: DatasetProgress): void => {
        if (performance.now() - reported < PROGRESS_MS) return;
        reported = performance.now();
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
