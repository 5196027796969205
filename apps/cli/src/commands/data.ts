import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DatasetChoice } from '@ablate/contracts';
import { UserError } from '@ablate/contracts/user-error';
import type { Manifest, OpenOptions, PackedCopy } from '@ablate/data';
import type { Command } from 'commander';
import { asJson, type Context, examples, type Register } from '../command.ts';
import type { CliEnv } from '../env.ts';
import { formatBytes } from '../format.ts';
import { wholeNumber } from '../option.ts';
import { copyPath, describeChoice, formatRemoved, removeCopies } from '../packed-copies.ts';
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

async function choiceOf(
  name: string,
  { imageSize, classes, imagesPerClass, skipBroken }: Choice,
): Promise<DatasetChoice> {
  const { DatasetChoice } = await import('@ablate/contracts');
  const parsed = DatasetChoice.safeParse({ name, imageSize, classes: classes?.split(','), imagesPerClass, skipBroken });
  if (parsed.success) return parsed.data;
  const { path = [], message } = parsed.error.issues[0] ?? {};
  throw new UserError(`dataset.${path.join('.')}: ${message}`, 'usage');
}

async function foldersOf({ home, dataFolders: data }: CliEnv): Promise<OpenOptions> {
  const [{ dataFolders }, { REPOSITORY }] = await Promise.all([import('@ablate/data'), import('@ablate/files')]);
  return { folders: dataFolders({ data, repository: REPOSITORY, home }), cache: join(home, 'cache') };
}

/** Reports a DatasetError by its message, without a stack. */
async function withData(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { DatasetError } = await import('@ablate/data');
    throw error instanceof DatasetError ? new UserError(error.message) : error;
  }
}

type Copy = {
  path: string;
  bytes: number;
  /** `changed`: the files of the source are not those that were packed. */
  state: PackedCopy['state'] | 'changed';
  imageSize: number | null;
  train: number | null;
  test: number | null;
  classes: number | null;
  choice: string;
};
type Row = { name: string; format: string | null; place: string; copies: Copy[] };

const STATE_WORDS: Readonly<Record<Copy['state'], string>> = {
  usable: 'yes',
  changed: 'source changed',
  outdated: 'older version',
  unfinished: 'unfinished',
};

/** Whether the source of a usable copy is as it was. */
async function stateOf(packed: PackedCopy, options: OpenOptions): Promise<Copy['state']> {
  if (!packed.manifest) return packed.state;
  const { DatasetError, inspectDataset } = await import('@ablate/data');
  const { DatasetChoice } = await import('@ablate/contracts');
  const choice = DatasetChoice.safeParse({ ...packed.manifest.choice, name: packed.name });
  if (!choice.success) return 'outdated';
  try {
    const { recipe } = await inspectDataset(choice.data, options);
    return recipe.copy.stem === packed.copy.stem ? 'usable' : 'changed';
  } catch (error) {
    if (error instanceof DatasetError) return 'changed';
    throw error;
  }
}

async function copyRow(packed: PackedCopy, options: OpenOptions): Promise<Copy> {
  const { manifest, bytes } = packed;
  return {
    path: copyPath(packed),
    bytes,
    state: await stateOf(packed, options),
    imageSize: manifest?.shape[0] ?? null,
    train: manifest?.counts.train ?? null,
    test: manifest?.counts.test ?? null,
    classes: manifest?.classes.length ?? null,
    choice: describeChoice(packed),
  };
}

/** Format and place of a data set; a problem is the place's text, so that one data set cannot end the list. */
async function placeOf(name: string, options: OpenOptions): Promise<Pick<Row, 'format' | 'place'>> {
  const { DatasetError, findDataset, OFFICIAL_FILES } = await import('@ablate/data');
  if (name === 'shapes10') return { format: null, place: 'generated' };
  try {
    const found = await findDataset(name, options);
    const official = OFFICIAL_FILES[name];
    return {
      format: found?.format ?? null,
      place: found?.path ?? (official ? `downloaded on demand: ${official.url}` : 'not found'),
    };
  } catch (error) {
    if (error instanceof DatasetError) return { format: null, place: error.message };
    throw error;
  }
}

const list = (group: Command, context: Context) =>
  group
    .command('list')
    .description('List the data sets that are found or can be downloaded, and their packed copies.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('data list'))
    .action(({ json = false }: { json?: boolean }) =>
      withData(async () => {
        const { datasetsIn, packedCopies } = await import('@ablate/data');
        const options = await foldersOf(await context.env());
        const { names: found, nameless } = await datasetsIn(options.folders);
        const copies = await packedCopies(options.cache);
        const { KNOWN_DATASETS } = await import('@ablate/contracts');
        const names = new Set([...Object.keys(KNOWN_DATASETS), ...found, ...copies.map(({ name }) => name)]);
        const screen = openScreen(process.stderr);
        const rows: Row[] = [];
        for (const name of [...names].sort()) {
          options.onProgress = ({ done }) => screen.live([`checking ${name}: ${done} files`]);
          const own = copies.filter((copy) => copy.name === name);
          const row: Row = { name, ...(await placeOf(name, options)), copies: [] };
          for (const copy of own) row.copies.push(await copyRow(copy, options));
          rows.push(row);
        }
        screen.clear();
        if (json) return context.print(asJson([...rows, ...nameless.map((folder) => ({ name: null, ...folder }))]));
        const cells = rows.flatMap(({ name, format, place, copies }) =>
          (copies.length > 0 ? copies : [null]).map((copy) => [
            name,
            format,
            copy && STATE_WORDS[copy.state],
            copy?.imageSize,
            copy?.train,
            copy?.test,
            copy?.classes,
            copy && formatBytes(copy.bytes),
            copy?.choice,
            place,
          ]),
        );
        const columns = ['name', 'format', 'packed', 'pixels', 'train', 'test', 'classes', 'bytes', 'choice', 'where'];
        context.print(formatTable(columns, cells));
        for (const { path, remedy } of nameless)
          context.log(`${path} has no name that a spec can use (lower-case letters, digits, ".", "_", "-"): ${remedy}`);
      }),
    );

/** A manifest as lines of a table. */
function describeManifest({ classes, perClass, testPerClass, leftOut, shared, notes, ...rest }: Manifest) {
  const SHOWN = 3;
  return [
    ...Object.entries(rest).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    ['classes', classes.map((name, i) => `${name} ${perClass[i]}`).join(', ')],
    ['test images', classes.map((name, i) => `${name} ${testPerClass[i]}`).join(', ')],
    ...shared.map(({ set, with: other, count, first }) => [
      `${set} in ${other}`,
      `${count} images with equal pixels${count > 0 ? `: ${first.slice(0, SHOWN).join(', ')}` : ''}`,
    ]),
    ...(leftOut.length > 0
      ? leftOut.map(({ reason, count, first }) => [
          'left out',
          `${count} ${reason}: ${first.slice(0, SHOWN).join(', ')}${count > SHOWN ? ', …' : ''}`,
        ])
      : [['left out', 'nothing']]),
    ...notes.map((note) => ['note', note]),
  ];
}

const show = (group: Command, context: Context) =>
  withChoice(group.command('show'))
    .description('Show the manifest of a packed copy: what was read, what was left out and why.')
    .option('--verify', 'read the copy and compare its SHA-256')
    .addHelpText('after', examples('data show cifar10 --verify'))
    .action((name: string, options: Choice & { verify?: boolean }) =>
      withData(async () => {
        const { inspectDataset, packCommand, packedCopies, verifyCache } = await import('@ablate/data');
        const choice = await choiceOf(name, options);
        const places = await foldersOf(await context.env());
        const { recipe, manifest } = await inspectDataset(choice, places);
        if (!manifest) {
          const packed = (await packedCopies(places.cache)).filter((copy) => copy.name === name && copy.manifest);
          const known = packed.map((copy) => describeChoice(copy) || 'no options').join('; ');
          const isOld = packed.some((copy) => isDeepStrictEqual(copy.manifest?.choice, recipe.choice));
          throw new UserError(
            `${name} (${recipe.source}) ${isOld ? 'has changed since it was packed' : `is not packed${known ? ` with these options (packed: ${known})` : ''}`}: \`${packCommand(choice)}\``,
          );
        }
        const screen = openScreen(process.stderr);
        const onProgress: OpenOptions['onProgress'] = ({ done, total }) =>
          screen.live([`verifying ${name}: ${Math.floor((100 * done) / (total || 1))} %`]);
        const isWhole = options.verify ? await verifyCache(recipe.copy, manifest, onProgress) : undefined;
        screen.clear();
        if (isWhole === false)
          throw new UserError(
            `SHA-256 mismatch: ${join(recipe.copy.folder, recipe.copy.stem)}.bin is damaged; pack it again with \`${packCommand(choice)}\``,
          );
        context.print(options.json ? asJson(manifest) : formatTable(['', ''], describeManifest(manifest)));
      }),
    );

const remove = (group: Command, context: Context) =>
  group
    .command('rm')
    .argument('<name>', 'name of the data set')
    .description(
      'Remove all packed copies of a data set. Its own files are not touched, and the next run packs it again.',
    )
    .option('--dry-run', 'list what would be removed, remove nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('data rm photos --dry-run'))
    .action((name: string, { dryRun = false, json = false }: { dryRun?: boolean; json?: boolean }) =>
      withData(async () => {
        const { packedCopies } = await import('@ablate/data');
        const { cache } = await foldersOf(await context.env());
        const all = await packedCopies(cache);
        const copies = all.filter((copy) => copy.name === name);
        if (copies.length === 0) {
          const known = [...new Set(all.map((copy) => copy.name))].join(', ');
          throw new UserError(
            `no packed copy of "${name}" in ${cache}${known ? `; there are copies of ${known}` : ', which has no packed copies'}`,
          );
        }
        const removed = await removeCopies(copies, { dryRun, context });
        context.print(
          json ? asJson({ dryRun, removed }) : removed.map((copy) => formatRemoved(copy, dryRun)).join('\n'),
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
        const { inspectDataset, openDataset } = await import('@ablate/data');
        const choice = await choiceOf(name, options);
        const env = await context.env();
        const places = { ...(await foldersOf(env)), download: join(env.home, 'data') };
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
  const group = program.command('data').description('List, pack, inspect and remove packed data sets.');
  for (const register of [list, pack, show, remove]) register(group, context);
};
