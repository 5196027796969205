import { join } from 'node:path';
import { DatasetChoice, KNOWN_DATASETS } from '@ablate/contracts';
import type { OpenOptions } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import type { Command } from 'commander';
import type { Context, Register } from '../command.ts';
import type { CliEnv } from '../env.ts';
import { EXIT, Failure } from '../failure.ts';
import { positive } from '../option.ts';
import { openScreen } from '../screen.ts';
import { formatTable } from '../table.ts';

type Choice = { imageSize?: number; classes?: string; imagesPerClass?: number; skipBroken?: true; json?: boolean };

const withChoice = (command: Command): Command =>
  command
    .argument('<name>', 'of the data set, as in `dataset.name` of a spec')
    .option('--image-size <pixels>', 'side that every image is resized to', positive)
    .option('--classes <names>', 'comma-separated: only these classes')
    .option('--images-per-class <n>', 'only the first training images of each class', positive)
    .option('--skip-broken', 'leave out files that cannot be decoded, and count them')
    .option('--json', 'answer in JSON');

function choiceOf(name: string, { imageSize, classes, imagesPerClass, skipBroken }: Choice): DatasetChoice {
  const parsed = DatasetChoice.safeParse({ name, imageSize, classes: classes?.split(','), imagesPerClass, skipBroken });
  if (parsed.success) return parsed.data;
  const { path = [], message } = parsed.error.issues[0] ?? {};
  throw new Failure(`dataset.${path.join('.')}: ${message}`, EXIT.usage);
}

const placesOf = (
  { home, dataFolders: data }: CliEnv,
  dataFolders: typeof import('@ablate/data').dataFolders,
): OpenOptions => ({
  folders: dataFolders({ data, repository: REPOSITORY, home }),
  cache: join(home, 'cache'),
});

/** A data set's own error is a sentence, not a stack. */
async function speaking(work: (data: typeof import('@ablate/data')) => Promise<void>): Promise<void> {
  const data = await import('@ablate/data');
  try {
    await work(data);
  } catch (error) {
    throw error instanceof data.DatasetError ? new Failure(error.message) : error;
  }
}

const list = (group: Command, context: Context) =>
  group
    .command('list')
    .description('List the data sets that are here, those that can be fetched, and whether they are packed.')
    .option('--json', 'answer in JSON')
    .action(({ json = false }: { json?: boolean }) =>
      speaking(async ({ dataFolders, datasetsIn, findDataset, OFFICIAL_FILES, inspectDataset }) => {
        const options = placesOf(await context.env(), dataFolders);
        const names = new Set([...Object.keys(KNOWN_DATASETS), ...(await datasetsIn(options.folders))]);
        const rows = [];
        for (const name of [...names].sort()) {
          const found = await findDataset(name, options);
          const here = found !== null || name === 'shapes10';
          const packed = here ? (await inspectDataset({ name }, options)).manifest : null;
          const official = OFFICIAL_FILES[name];
          const place =
            found?.path ?? (here ? 'drawn' : official ? `downloaded on demand: ${official.url}` : 'not here');
          rows.push({ name, format: found?.format ?? null, place, packed });
        }
        if (json) return context.print(JSON.stringify(rows, null, 2));
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
    .option('--verify', 'read all of it and compare its SHA-256')
    .action((name: string, options: Choice & { verify?: boolean }) =>
      speaking(async ({ dataFolders, inspectDataset, verifyCache }) => {
        const { recipe, manifest } = await inspectDataset(
          choiceOf(name, options),
          placesOf(await context.env(), dataFolders),
        );
        if (!manifest)
          throw new Failure(`${name} is at ${recipe.source} and not packed yet: \`ablate data pack ${name}\``);
        const isWhole = options.verify ? await verifyCache(recipe.place, manifest) : undefined;
        if (isWhole === false)
          throw new Failure(`${join(recipe.place.folder, recipe.place.stem)}.bin is damaged; pack it again`);
        const { classes, perClass, ...rest } = manifest;
        context.print(
          options.json
            ? JSON.stringify(manifest, null, 2)
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
    .description('Pack a data set now, so that no run has to. Interrupted, it goes on when it is called again.')
    .option('--dry-run', 'only say what would be read, and where the packed copy would stand')
    .action((name: string, options: Choice & { dryRun?: boolean }) =>
      speaking(async ({ dataFolders, inspectDataset, openDataset }) => {
        const choice = choiceOf(name, options);
        const env = await context.env();
        const places = { ...placesOf(env, dataFolders), download: join(env.home, 'data') };
        if (options.dryRun) {
          const { recipe, manifest } = await inspectDataset(choice, { ...places, download: undefined });
          const plan = {
            source: recipe.source,
            format: recipe.format,
            copy: `${join(recipe.place.folder, recipe.place.stem)}.bin`,
            isPacked: manifest !== null,
          };
          const said = manifest ? 'is packed already' : 'would be packed';
          return context.print(
            options.json ? JSON.stringify(plan, null, 2) : `${plan.source} (${plan.format}) ${said}: ${plan.copy}`,
          );
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
        context.print(
          options.json ? JSON.stringify(answer, null, 2) : formatTable(Object.keys(answer), [Object.values(answer)]),
        );
      }),
    );

export const data: Register = (program, context) => {
  const group = program.command('data').description('Data sets: what is here, how it is packed.');
  for (const register of [list, pack, show]) register(group, context);
};
