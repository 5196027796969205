import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Augment, augmentOps } from '@ablate/contracts';
import type { DatasetProgress } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { augmentationSets } from '@ablate/search';
import { InvalidArgumentError, Option } from 'commander';
import type { Register } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { positive } from '../option.ts';
import { expandSpec, readSpec } from '../sweep/spec-file.ts';

type Options = {
  spec?: string;
  augment?: string[];
  dataset?: string;
  out: string;
  images: number;
  epochs: number;
  seed?: number;
  json?: boolean;
};

type Wanted = { dataset: string; seed: number; sets: { label: string; ops: ReturnType<typeof augmentOps> }[] };

const MOST_IMAGES = 64;

const whole = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('it must be a whole number');
  return number;
};

/** The sets of a spec, or those of the command line. */
async function wanted({ spec: file, augment, dataset, seed }: Options): Promise<Wanted> {
  if (file !== undefined) {
    const { spec, points } = expandSpec(file, await readSpec(file));
    return {
      dataset: dataset ?? points[0]?.config.dataset.name ?? spec.dataset.name,
      seed: seed ?? spec.seeds[0] ?? 1,
      sets: augmentationSets(points, spec.augment),
    };
  }
  const sets = (augment ?? []).map((label) => {
    const parsed = Augment.safeParse(label);
    if (!parsed.success) throw new Failure(`--augment ${parsed.error.issues[0]?.message}`, EXIT.usage);
    return { label, ops: augmentOps(parsed.data) };
  });
  if (sets.length === 0) throw new Failure('name a spec with --spec, or sets with --augment', EXIT.usage);
  return { dataset: dataset ?? 'cifar10', seed: seed ?? 1, sets };
}

const describe = ({ stage, done, total }: DatasetProgress): string =>
  `${stage} ${done}${total === null ? '' : ` of ${total}`}`;

export const augment: Register = (program, context) => {
  program
    .command('augment')
    .description('Show what augmentation does: a PNG with training images and each set’s versions of them.')
    .option('--spec <file>', 'the augmentation sets of a sweep; - reads stdin')
    .addOption(
      new Option(
        '--augment <set...>',
        'instead: names of sets, or timm’s strings, such as "basic rand-m9 --reprob 0.25"',
      ).conflicts('spec'),
    )
    .option('--dataset <name>', 'whose images; the spec’s, else cifar10')
    .requiredOption('--out <file>', 'PNG')
    .option('--images <n>', 'columns', positive, 10)
    .option('--epochs <n>', 'rows for each set', positive, 3)
    .option('--seed <n>', 'the spec’s first, else 1; the versions are those that training with it sees', whole)
    .option('--json', 'say what was drawn in JSON')
    .action(async (options: Options) => {
      const { dataset: name, seed, sets } = await wanted(options);
      const { images, epochs, out } = options;
      if (images > MOST_IMAGES) throw new Failure(`--images: at most ${MOST_IMAGES}`, EXIT.usage);
      const { DatasetError, dataFolders, drawSheet, SheetError } = await import('@ablate/data');
      const { home, dataFolders: data } = await context.env();
      let told = 0;
      const onProgress = (progress: DatasetProgress): void => {
        if (Date.now() - told < 1000) return;
        told = Date.now();
        context.say(`${name}: ${describe(progress)}`);
      };
      try {
        const folders = dataFolders({ data, repository: REPOSITORY, home });
        const places = { folders, cache: join(home, 'cache') };
        await writeFile(out, await drawSheet({ dataset: name, places, sets, images, epochs, seed }, { onProgress }));
      } catch (error) {
        if (error instanceof DatasetError || error instanceof SheetError) throw new Failure(error.message);
        if (error instanceof Error && 'code' in error && 'path' in error)
          throw new Failure(`cannot write ${out}: ${error.message}`, EXIT.usage);
        throw error;
      }
      const shown = sets.map(({ label }) => label);
      context.print(
        options.json
          ? JSON.stringify({ out, dataset: name, seed, sets }, null, 2)
          : `${out}: ${shown.join(', ')} on ${name}, seed ${seed}`,
      );
    });
};
