/** The commands on a run's own weights: `--run` fetches the best checkpoint, which carries model, classes and preprocessing. */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Config, canonicalHash, type RunResult, resolveConfig, Spec } from '@ablate/contracts';
import { claimRun, dispatch, finishRun, recordCheckpoint, startAttempt } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { decodeSafetensors, encodePng, encodeSafetensors } from '@ablate/models';
import { countedRandom, randomKey } from '@ablate/random';
import { createSweep, localContext } from '@ablate/sweeps';
import { fit } from '@ablate/training';
import { Command } from 'commander';
import sharp from 'sharp';
import { checkpoints as checkpointsCommand, download } from '../../apps/cli/src/commands/checkpoints.ts';
import { readCliEnv } from '../../apps/cli/src/env.ts';
import { modelCommands } from '../../apps/cli/src/model/commands.ts';
import { needs } from '../support/processor.ts';
import { testEnvironment } from '../support/run-environment.ts';
import { startApi } from './command-line.ts';

const CLASSES = ['ant', 'bee', 'cat', 'dog'];
const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const api = await startApi({ after });

/** Noise around the colour of the class: hard enough that no network is right on every picture. */
async function drawPictures(): Promise<void> {
  for (const [set, count] of [
    ['train', 30],
    ['test', 13],
  ] as const)
    for (const [index, name] of CLASSES.entries()) {
      await mkdir(at('data', 'bugs', set, name), { recursive: true });
      for (let picture = 0; picture < count; picture++) {
        const random = countedRandom(randomKey(7, set), [index, picture]);
        const [width, height] = [20 + Math.floor(random.uniform() * 12), 18 + Math.floor(random.uniform() * 12)];
        const pixels = new Uint8Array(width * height * 3).map((_, i) =>
          Math.max(0, Math.min(255, 128 + (i % 3 === index ? 9 : 0) + 60 * random.normal())),
        );
        const png = encodePng({ width, height, pixels });
        const path = at('data', 'bugs', set, name, `${picture}`);
        if (picture % 2 === 0) await writeFile(`${path}.png`, png);
        else await writeFile(`${path}.jpg`, await sharp(png).jpeg({ quality: 80 }).toBuffer());
      }
    }
}

before(drawPictures);
after(() => folder.remove());

function configOf(raw: { model?: unknown; train?: object; augment?: unknown; dataset?: object }): Config {
  const resolved = resolveConfig({
    dataset: { name: 'bugs', imageSize: 16, validation: 0.2, ...raw.dataset },
    model: raw.model ?? { family: 'vit', patchSize: 4, width: 16, depth: 2, heads: 2, imageSize: 16, classes: 4 },
    train: { epochs: 3, batchSize: 24, ...raw.train },
    augment: raw.augment ?? 'none',
  });
  assert.ok('config' in resolved, JSON.stringify(resolved));
  return resolved.config;
}

/** Train one run to its end, with its checkpoints in the store of the API. */
async function trained(config: Config): Promise<{ runId: string; result: RunResult }> {
  const { db, checkpoints } = api;
  const spec = Spec.parse({ version: 1, name: 'bugs', seeds: [1] });
  await createSweep(localContext(db), { spec, points: [{ config, axes: {}, hash: canonicalHash(config) }] });
  const [job] = (await dispatch(db, { window: 1, room: 1 })).jobs;
  assert.ok(job);
  assert.ok(await claimRun(db, { ...job, worker: 'test' }));
  const { runId } = job;
  const command = { type: 'train' as const, ...job, config, seed: 1, folder: join(checkpoints, runId), resume: [] };
  const options = {
    data: { folders: [at('data')], cache: at('cache') },
    checkpointSeconds: 3600,
    environment: testEnvironment,
    stop: new AbortController().signal,
  };
  let result: RunResult | undefined;
  for await (const event of fit(command, options)) {
    if (event.type === 'started') await startAttempt(db, { ...job, ...event });
    if (event.type === 'checkpoint') assert.ok(await recordCheckpoint(db, { ...job, checkpoint: event.checkpoint }));
    if (event.type === 'finished') result = event.result;
    assert.notEqual(event.type, 'failed', JSON.stringify(event));
  }
  assert.ok(result);
  await finishRun(db, { ...job, result });
  return { runId, result };
}

/** Run `ablate …`; what it printed and said. */
async function ablate(...args: string[]): Promise<{ printed: string; said: string }> {
  const [printed, said]: [string[], string[]] = [[], []];
  const context = {
    env: () => readCliEnv({ ABLATE_HOME: at('home'), ABLATE_API_URL: api.apiUrl }),
    print: (text: string) => void printed.push(text),
    write: (text: string) => void printed.push(text),
    log: (text: string) => void said.push(text),
    signal: new AbortController().signal,
  };
  const program = new Command('ablate').exitOverride().configureOutput({ writeErr: (text) => void said.push(text) });
  for (const register of [...modelCommands, checkpointsCommand, download]) register(program, context);
  await program.parseAsync(args, { from: 'user' });
  return { printed: printed.join('\n'), said: said.join('\n') };
}

const TEST = () => at('data', 'bugs', 'test');
const totalOf = ({ printed }: { printed: string }) => JSON.parse(printed).total;
const bestOf = async (runId: string): Promise<string> => {
  const files = await readdir(join(api.checkpoints, runId));
  return join(api.checkpoints, runId, files.find((file) => file.startsWith('best-')) ?? '');
};

const RESNET = { family: 'resnet', depths: [1, 1], widths: [8, 8], imageSize: 16, classes: 4 };
const VARIANTS: [string, Config, { skip?: string | false }][] = [
  ['a ViT with an average of its weights', configOf({ train: { ema: 0.9 } }), {}],
  [
    'a ResNet with a mean and deviation of its own',
    configOf({ model: RESNET, augment: [{ op: 'normalise', mean: [0.3, 0.5, 0.6], std: [0.2, 0.3, 0.4] }] }),
    {},
  ],
  ['a ViT in bf16', configOf({ train: { precision: 'bf16' } }), needs('bf16')],
];

for (const [name, config, options] of VARIANTS)
  test(`classify gives the test accuracy of the run, to the last image: ${name}`, options, async () => {
    const { runId, result } = await trained(config);
    assert.ok(result.testAccuracy > 0.2 && result.testAccuracy < 1, `${result.testAccuracy} shows nothing`);
    const answer = await ablate('classify', '--run', runId, '--input', TEST(), '--json');
    assert.deepEqual(
      { images: totalOf(answer).images, top1: totalOf(answer).top1 },
      { images: 52, top1: result.testAccuracy },
    );
    assert.match(answer.said, new RegExp(`run ${runId}: best checkpoint, epoch ${result.bestEpoch}, validation`));
    assert.doesNotMatch(answer.said, /ignored|optimizer/);
    const other = await ablate(
      'classify',
      '--weights',
      await bestOf(runId),
      '--input',
      TEST(),
      '--json',
      '--batch',
      '7',
    );
    assert.deepEqual(totalOf(other), totalOf(answer), 'from the file, in other batches');
  });

test('classes are found by name, and files of a run need no other option', async () => {
  const { runId } = await trained(configOf({}));
  const all = JSON.parse((await ablate('classify', '--run', runId, '--input', TEST(), '--json')).printed);
  // Without the first folder, the order of the folders is not that of the outputs.
  await cp(TEST(), at('part'), { recursive: true });
  await rm(at('part', 'ant'), { recursive: true });
  const part = JSON.parse((await ablate('classify', '--run', runId, '--input', at('part'), '--json')).printed);
  assert.deepEqual(part.classes, all.classes.slice(1));
  await mkdir(at('part', 'elk'));
  await cp(at('part', 'bee', '0.png'), at('part', 'elk', '0.png'));
  await assert.rejects(ablate('classify', '--run', runId, '--input', at('part')), {
    name: 'UserError',
    message: /unknown class: "elk" of .* is not in the run's classes \(ant, bee, cat, dog\)/,
  });

  const picture = at('part', 'bee', '0.png');
  const painted = await ablate('attention', '--run', runId, '--input', picture, '--output', at('maps'));
  assert.equal(painted.printed, at('maps', '0.1.png'));
  await ablate('positions', '--run', runId, '--output', at('positions.png'));
  await ablate('convert', '--run', runId, '--to', 'timm', '--output', at('timm.safetensors'));
  const listed = await ablate('checkpoints', runId);
  assert.match(listed.printed, new RegExp(`ablate download ${runId} --output`));
  const saved = await ablate('download', runId, '--output', at('saved.safetensors'));
  assert.match(saved.printed, /saved\.safetensors: best checkpoint of epoch \d/);
  assert.deepEqual(await readFile(at('saved.safetensors')), await readFile(await bestOf(runId)));
  await assert.rejects(ablate('download', runId, '--output', at('saved.safetensors')), /exists: give --output another/);
});

test('a run of chosen classes leaves the other folders out, as its own test did', async () => {
  const model = { family: 'vit', patchSize: 4, width: 16, depth: 1, heads: 2, imageSize: 16, classes: 2 };
  const { runId, result } = await trained(configOf({ model, dataset: { classes: ['dog', 'bee'] } }));
  const answer = await ablate('classify', '--run', runId, '--input', TEST(), '--json');
  assert.deepEqual([totalOf(answer).images, totalOf(answer).top1], [26, result.testAccuracy]);
  assert.match(answer.said, /2 folders of classes that the run did not use/);
});

test('a checkpoint without preprocessing is read, and what is missing is said', async () => {
  const { runId } = await trained(configOf({}));
  const { tensors, metadata } = decodeSafetensors(await readFile(await bestOf(runId)));
  const rewritten = async (change: Record<string, string | undefined>): Promise<string> => {
    const entries = Object.entries({ ...metadata, ...change }).filter((entry): entry is [string, string] => !!entry[1]);
    await writeFile(at('changed.safetensors'), encodeSafetensors(tensors, Object.fromEntries(entries)));
    return at('changed.safetensors');
  };
  const classify = async (change: Record<string, string | undefined>, ...more: string[]) =>
    ablate('classify', '--weights', await rewritten(change), '--input', TEST(), '--json', ...more);
  const old = { preprocessing: undefined };
  await assert.rejects(
    classify(old),
    /no class names: the file was written before checkpoints recorded it. Give --classes/,
  );
  await writeFile(at('classes.txt'), CLASSES.join('\n'));
  await assert.rejects(
    classify(old, '--classes', at('classes.txt')),
    /no preprocessing: the file was written before checkpoints recorded it. Give --preprocess: imagenet, clip, cifar10/,
  );
  assert.equal(totalOf(await classify(old, '--classes', at('classes.txt'), '--preprocess', 'cifar10')).images, 52);

  const known = JSON.parse(metadata.preprocessing ?? '');
  for (const [change, message] of [
    [{ preprocessing: '{' }, /the entry is not JSON/],
    [{ preprocessing: JSON.stringify({ ...known, version: 2 }) }, /damaged, or of a newer version \(version: /],
    [{ preprocessing: JSON.stringify({ ...known, classes: ['ant', 'bee'] }) }, /2 classes, which are not those of the/],
    [{ preprocessing: JSON.stringify({ ...known, mean: [0, 0] }) }, /damaged, or of a newer version \(mean/],
    [{ config: '{' }, /config in the metadata of .*changed\.safetensors is not JSON/],
    [{ config: undefined }, /config in the metadata of .*changed\.safetensors is missing/],
    [{ config: '[]' }, /is not an object/],
  ] as const)
    await assert.rejects(classify(change), { name: 'UserError', message });
});

const REFUSED: [string, string[], RegExp][] = [
  ['an unknown run', ['--run', '00000000-0000-4000-8000-000000000000'], /not found|unknown/i],
  ['both sources of weights', ['--run', 'x', '--weights', 'w'], /--run and --weights exclude each other/],
  ['a seed', ['--run', 'x', '--seed', '1'], /--run and --seed exclude each other/],
];
for (const [name, options, message] of REFUSED)
  test(`--run refuses ${name}`, async () => {
    await assert.rejects(ablate('classify', ...options, '--input', TEST()), { message });
  });
