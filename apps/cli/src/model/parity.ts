/** `ablate parity`: full-size networks against torchvision, timm and open_clip, with the same weights and images. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { REPOSITORY } from '@ablate/files';
import {
  assignWeights,
  buildClip,
  buildModel,
  type Float,
  networkWeights,
  normalised,
  observe,
  observePass,
  readTensorsFile,
  readTokenizer,
  readWeights,
  type TensorData,
  writeWeights,
} from '@ablate/models';
import { modelCost } from '@ablate/models/count';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { formatTable } from '../table.ts';
import { parseModel } from './model-file.ts';
import { parseOptions } from './options.ts';
import { writeTensors } from './tensors-file.ts';

/** Largest relative difference of logits, and of attention maps. */
const LOGITS = 1e-4;
const MAPS = 1e-5;

type Case = {
  /** Whose names the weights are written back by. */
  names: string;
  /** Which of our answers the reference's `logits` are. */
  answer: 'logits' | 'features';
};

const CASES = {
  resnet18: { names: 'torchvision', answer: 'logits' },
  resnet50: { names: 'torchvision', answer: 'logits' },
  vit_tiny_16: { names: 'timm', answer: 'logits' },
  'vit_tiny_16-torchvision': { names: 'torchvision', answer: 'logits' },
  'vit_tiny_16-differential': { names: 'timm', answer: 'logits' },
  dino_vits16: { names: 'dino', answer: 'features' },
  crossvit_tiny: { names: 'timm', answer: 'logits' },
  crossvit_9_dagger: { names: 'timm', answer: 'logits' },
  clip_rn50: { names: 'open_clip', answer: 'logits' },
} as const satisfies Record<string, Case>;

const TEXTS = [
  'a photo of a dog.',
  'A diagram, 3 × 42 – “naïve” café',
  'itap of the space_shuttle &amp; 10 <tags>',
  '',
];

const Options = z.object({ python: z.string().min(1).optional(), json: z.boolean().default(false) });
const Metadata = z.object({ config: z.string() });
const Strict = z.object({ difference: z.number() });
const Vocabulary = z.object({ vocabulary: z.string() });

const SCRIPT = join(REPOSITORY, 'test/fixtures/models/reference.py');

/** Run the reference; its last line of output. @throws Failure with what it said where it fails. */
async function reference(python: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const child = spawn(python, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let [out, said] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Failure(`${python} ${SCRIPT} ${args.join(' ')} failed:\n${said}`);
  return out.trim().split('\n').at(-1) ?? '';
}

/** The largest difference, relative to the largest absolute value of what is wanted. */
function difference(found: TensorData | undefined, wanted: TensorData | undefined, name: string): number {
  if (found?.dtype !== 'F32' || wanted?.dtype !== 'F32') throw new Failure(`${name}: there is nothing to compare`);
  if (found.shape.join() !== wanted.shape.join())
    throw new Failure(`${name}: shape [${found.shape}], not [${wanted.shape}]`);
  const most = wanted.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  let worst = 0;
  for (const [at, value] of found.data.entries()) worst = Math.max(worst, Math.abs(value - (wanted.data[at] ?? 0)));
  return worst / most;
}

type Answers = ReadonlyMap<string, TensorData>;
type Ran = { found: Map<string, Float>; written: Map<string, TensorData> };

/** Our answers with the reference's weights, and the weights as we write them. */
function run(model: Model, weights: Answers, answers: Answers, names: string): Ran {
  const images = answers.get('images');
  if (images?.dtype !== 'F32') throw new Failure('the reference wrote no images');
  const clip = model.family === 'clip' ? buildClip(model, { seed: null }) : null;
  const network = clip ?? buildModel(model, { seed: null });
  try {
    assignWeights(network, readWeights(model, weights).tensors);
    const written = writeWeights(model, networkWeights(network), { names });
    if (!clip) return { found: observe(network, images), written };
    const tokens = answers.get('tokens');
    if (tokens?.dtype !== 'I32') throw new Failure('the reference wrote no token ids');
    const found = observePass((pass) => {
      const image = clip.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), pass);
      const text = clip.textFeatures(tf.tensor(tokens.data, tokens.shape, 'int32'), pass);
      return {
        image_features: image,
        text_features: text,
        logits: clip.logits(image, normalised(text).transpose(), pass),
      };
    });
    return { found, written };
  } finally {
    network.dispose();
  }
}

type Row = {
  model: string;
  parameters: number;
  logits: number;
  maps: number | null;
  strict: number;
  tokens: boolean | null;
  holds: boolean;
};

async function tokensAgree(python: string, folder: string, signal: AbortSignal): Promise<boolean> {
  const texts = join(folder, 'texts.txt');
  await writeFile(texts, TEXTS.join('\n'));
  const said = await reference(python, ['tokens', join(folder, 'tokens.safetensors'), texts], signal);
  const { vocabulary } = Vocabulary.parse(JSON.parse(said));
  const theirs = (await readTensorsFile(join(folder, 'tokens.safetensors'))).tensors.get('tokens');
  const ours = (await readTokenizer(vocabulary)).tokenize(TEXTS.slice(0, theirs?.shape[0]));
  return (
    theirs?.dtype === 'I32' && ours.length === theirs.data.length && ours.every((id, at) => id === theirs.data[at])
  );
}

async function compare(name: keyof typeof CASES, python: string, signal: AbortSignal): Promise<Row> {
  const { names, answer }: Case = CASES[name];
  const folder = await mkdtemp(join(tmpdir(), 'ablate-parity-'));
  try {
    await reference(python, ['full', name, folder], signal);
    const { tensors: answers, metadata } = await readTensorsFile(join(folder, 'answers.safetensors'));
    const { tensors: weights } = await readTensorsFile(join(folder, 'weights.safetensors'));
    const model = parseModel(JSON.parse(Metadata.parse(metadata).config), name);
    const { found, written } = run(model, weights, answers, names);
    const ofMaps = [...answers.keys()].filter((key) => key.startsWith('attention.'));
    const maps = ofMaps.map((key) => difference(found.get(key), answers.get(key), key));
    const features = model.family === 'clip' ? ['image_features', 'text_features'] : [];
    const logits = [
      difference(found.get(answer), answers.get('logits'), 'logits'),
      ...features.map((key) => difference(found.get(key), answers.get(key), key)),
    ];
    const file = join(folder, 'ours.safetensors');
    await writeTensors(file, written, { format: 'pt' });
    const said = await reference(python, ['strict', name, file, join(folder, 'answers.safetensors')], signal);
    const strict = Strict.parse(JSON.parse(said)).difference;
    const tokens = model.family === 'clip' ? await tokensAgree(python, folder, signal) : null;
    const row = { logits: Math.max(...logits), maps: maps.length > 0 ? Math.max(...maps) : null, strict, tokens };
    const holds = row.logits <= LOGITS && (row.maps ?? 0) <= MAPS && strict === 0 && tokens !== false;
    return { model: name, parameters: modelCost(model).parameters, ...row, holds };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const isCase = (name: string): name is keyof typeof CASES => Object.hasOwn(CASES, name);

export async function runParity(models: string[], raw: unknown, context: Context): Promise<void> {
  const { python: given, json } = parseOptions(Options, raw);
  const python = given ?? (await context.env()).torchPython;
  if (python === undefined)
    throw new Failure(
      'give --python, or set PARITY_PYTHON: a Python with torch, torchvision, timm, open_clip_torch and safetensors',
      EXIT.usage,
    );
  const chosen = (models.length > 0 ? models : Object.keys(CASES)).map((name) => {
    if (isCase(name)) return name;
    throw new Failure(`no comparison "${name}"; there are ${Object.keys(CASES).join(', ')}`, EXIT.usage);
  });
  const rows: Row[] = [];
  for (const name of chosen) {
    context.say(name);
    rows.push(await compare(name, python, context.signal));
  }
  const shown = (value: number | null): string => (value === null ? '' : value.toExponential(1));
  context.print(
    json
      ? JSON.stringify(rows, null, 2)
      : formatTable(
          ['model', 'parameters', 'logits', 'attention', 'strict=True', 'token ids', ''],
          rows.map(({ model, parameters, logits, maps, strict, tokens, holds }) => [
            model,
            parameters,
            shown(logits),
            shown(maps),
            strict === 0 ? 'same bytes' : shown(strict),
            tokens === null ? '' : tokens ? 'equal' : 'other',
            holds ? 'holds' : 'BROKEN',
          ]),
        ),
  );
  const broken = rows.filter(({ holds }) => !holds).map(({ model }) => model);
  if (broken.length > 0) throw new Failure(`these differ from the reference: ${broken.join(', ')}`);
}
