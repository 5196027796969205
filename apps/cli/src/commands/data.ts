import { join } from 'node:path';
import { DatasetChoice, KNOWN_DATASETS, UserError } from '@ablate/contracts';
import type { OpenOptions } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import type { Command } from 'commander';
import { asJson, type Context, examples, type Register } from '../command.ts';
import type { CliEnv } from '../env.ts';
import { wholeNumber } from '../option.ts';
import { openScreen } from '../screen.ts';
import { formatTable } from '../table.ts';

type Choice = { imageSize?: number; classes?: string; imagesPerClass?: number; skipBroken?: true; json?: boolean };

const withChoice = (command: Command): Command =>
  command
    .argument('<name>', 'name of the data set, as in `dataset.name` of a spec')
    .option('--image-size <pixels>', 'resize every image to this side', wholeNumber(1))
    .option('--classes <names>', 'use only these classes, separated by commas')
    .option('--images-per-class <n>', 'use only the first n training images of each class', wholeNumber(1))
    .option('--skip-broken', 'skip files that cannot be decoded, and report their number')
    .option('--json', 'print JSON');

function choiceOf(name: string, { imageSize, classes, imagesPerClass, skipBroken }: Choice): DatasetChoice {
  const parsed = DatasetChoice.safeParse({ name, imageSize, classes: classes?.split(','), imagesPerClass, skipBroken });
  if (parsed.success) return parsed.data;
  const { path = [], message } = parsed.error.issues[0] ?? {};
  throw new UserError(`dataset.${path.join('.')}: ${message}`, 'usage');
}

const foldersOf = (
  { home, dataFolders: data }: CliEnv,
  dataFolders: typeof import('@ablate/data').dataFolders,
): OpenOptions => ({
  folders: dataFolders({ data, repository: REPOSITORY, home }),
  cache: join(home, 'cache'),
});

/** Reports a DatasetError by its message, without a stack. */
async function withData(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { DatasetError } = await import('@ablate/data');
    throw error instanceof DatasetError ? new UserError(error.message) : error;
  }
}

const list = (group: Command, context: Context) =>
  group
    .command('list')
    .description('List the data sets that are found or can be downloaded, and the packed copies.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('data list'))
    .action(({ json = false }: { json?: boolean }) =>
      withData(async () => {
        const { dataFolders, datasetsIn, findDataset, OFFICIAL_FILES, inspectDataset } = await import('@ablate/data');
        const options = foldersOf(await context.env(), dataFolders);
        const names = new Set([...Object.keys(KNOWN_DATASETS), ...(await datasetsIn(options.folders))]);
        const rows = [];
        for (const name of [...names].sort()) {
          const found = await findDataset(name, options);
          const available = found !== null || name === 'shapes10';
          const packed = available ? (await inspectDataset({ name }, options)).manifest : null;
          const official = OFFICIAL_FILES[name];
          const place =
            found?.path ?? (available ? 'generated' : official ? `downloaded on demand: ${official.url}` : 'not found');
          rows.push({ name, format: found?.format ?? null, place, packed });
        }
        if (json) return context.print(asJson(rows));
        const cells = rows.map(({ name, format, place, packed }) => [
          name,
          format,
          packed?.counts.train,
          packed?.counts.test,
          packed?.classes.length,
          packed?.shape[0],
          place,
        ]);
        context.print(formatTable(['name', 'format', 'train', 'test', 'classes', 'pixels', 'where'], cells));
      }),
    );

const show = (group: Command, context: Context) =>
  withChoice(group.command('show'))
    .description('Show the manifest of a packed copy.')
    .option('--verify', 'read the copy and compare its SHA-256')
    .addHelpText('after', examples('data show cifar10 --verify'))
    .action((name: string, options: Choice & { verify?: boolean }) =>
      withData(async () => {
        const { dataFolders, inspectDataset, verifyCache } = await import('@ablate/data');
        const { recipe, manifest } = await inspectDataset(
          choiceOf(name, options),
          foldersOf(await context.env(), dataFolders),
        );
        if (!manifest) throw new UserError(`${name} (${recipe.source}) is not packed: \`ablate data pack ${name}\``);
        const isWhole = options.verify ? await verifyCache(recipe.copy, manifest) : undefined;
        if (isWhole === false)
          throw new UserError(
            `SHA-256 mismatch: ${join(recipe.copy.folder, recipe.copy.stem)}.bin is damaged; pack it again with \`ablate data pack ${name}\``,
          );
        const { classes, perClass, ...rest } = manifest;
        context.print(
          options.json
            ? asJson(manifest)
            : formatTable(
                ['', ''],
                [
                  ...Object.entries(rest).map(([key, value]) => [
                    key,
                    typeof value === 'string' ? value : JSON.stringify(value),
                  ]),
                  ['classes', classes.map((className, i) => `${className} ${perClass[i]}`).join(', ')],
                ],
              ),
        );
      }),
    );

const pack = (group: Command, context: Context) =>
  withChoice(group.command('pack'))
    .description(
      'Pack a data set before a run needs it. After an interruption, packing resumes when it is called again.',
    )
    .option('--dry-run', 'print the source and the path of the packed copy, write nothing')
    .addHelpText('after', examples('data pack cifar10', 'data pack photos --image-size 64 --skip-broken'))
    .action((name: string, options: Choice & { dryRun?: boolean }) =>
      withData(async () => {
        const { dataFolders, inspectDataset, openDataset } = await import('@ablate/data');
        const choice = choiceOf(name, options);
        const env = await context.env();
        const places = { ...foldersOf(env, dataFolders), download: join(env.home, 'data') };
        if (options.dryRun) {
          const { recipe, manifest } = await inspectDataset(choice, { ...places, download: undefined });
          const plan = {
            source: recipe.source,
            format: recipe.format,
            copy: `${join(recipe.copy.folder, recipe.copy.stem)}.bin`,
            isPacked: manifest !== null,
          };
          const state = manifest ? 'is packed already' : 'would be packed';
          return context.print(options.json ? asJson(plan) : `${plan.source} (${plan.format}) ${state}: ${plan.copy}`);
        }
        const screen = openScreen(process.stderr);
        const { signal } = context;
        const onProgress: OpenOptions['onProgress'] = ({ stage, done, total }) =>
          screen.live([
            `${stage} ${name}: ${done}${total ? ` of ${total}, ${Math.floor((100 * done) / total)} %` : ''}`,
          ]);
        const dataset = await openDataset(choice, { ...places, onProgress, signal }).finally(() => screen.clear());
        const { hash, imageSize, classes, train, test, validation, note } = dataset;
        const answer = {
          name,
          hash,
          imageSize,
          classes: classes.length,
          train: train.count,
          test: test.count,
          validation: validation?.count ?? 0,
          note: note ?? null,
        };
        context.print(options.json ? asJson(answer) : formatTable(Object.keys(answer), [Object.values(answer)]));
      }),
    );

export const data: Register = (program, context) => {
  const group = program.command('data').description('List, pack and inspect data sets.');
  for (const register of [list, pack, show]) register(group, context);
};
