/** Full-size networks compared with torchvision, timm and open_clip, with the same weights and images. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Model, UserError } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { z } from 'zod';
import { buildClip, buildModel } from '../build.ts';
import { normalised } from '../clip.ts';
import { relativeDifference } from '../compare.ts';
import { modelCost } from '../count/count.ts';
import { observe, observePass } from '../inspect/observe.ts';
import type { Float } from '../inspect/tensor.ts';
import { parseModel } from '../model-file.ts';
import type { TensorData } from '../safetensors.ts';
import { readTokenizer } from '../text/tokenizer.ts';
import { assignWeights, networkWeights } from '../weights/assign.ts';
import { readTensorsFile } from '../weights/file.ts';
import { writeTensorsFile } from '../weights/tensors-file.ts';
import { readWeights, writeWeights } from '../weights/transfer.ts';

/** Largest relative difference of logits, and of attention maps. */
const MAX_LOGITS = 1e-4;
const MAX_MAPS = 1e-5;

type Case = {
  /** The naming that the weights are written back in. */
  names: string;
  /** Which of our outputs corresponds to the reference's `logits`. */
  output: 'logits' | 'features';
};

const CASES = {
  resnet18: { names: 'torchvision', output: 'logits' },
  resnet50: { names: 'torchvision', output: 'logits' },
  vit_tiny_16: { names: 'timm', output: 'logits' },
  'vit_tiny_16-torchvision': { names: 'torchvision', output: 'logits' },
  'vit_tiny_16-differential': { names: 'timm', output: 'logits' },
  dino_vits16: { names: 'dino', output: 'features' },
  crossvit_tiny: { names: 'timm', output: 'logits' },
  crossvit_9_dagger: { names: 'timm', output: 'logits' },
  clip_rn50: { names: 'open_clip', output: 'logits' },
} as const satisfies Record<string, Case>;

export type ParityCase = keyof typeof CASES;
export const PARITY_CASES: readonly string[] = Object.keys(CASES);
export const isParityCase = (name: string): name is ParityCase => Object.hasOwn(CASES, name);

const TEXTS = [
  'a photo of a dog.',
  'A diagram, 3 × 42 – “naïve” café',
  'itap of the space_shuttle &amp; 10 <tags>',
  '',
];

const Metadata = z.object({ config: z.string() });
const Strict = z.object({ difference: z.number() });
const Vocabulary = z.object({ vocabulary: z.string() });

export type Reference = {
  /** A Python with torch, torchvision, timm, open_clip_torch and safetensors. */
  python: string;
  /** The path of `reference.py`. */
  script: string;
  signal: AbortSignal;
};

/** Run the reference; returns its last line of output. @throws UserError with its stderr if it fails */
async function runReference({ python, script, signal }: Reference, args: readonly string[]): Promise<string> {
  const child = spawn(python, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new UserError(`${python} ${script} ${args.join(' ')} failed:\n${errors}`);
  return out.trim().split('\n').at(-1) ?? '';
}

function difference(found: TensorData | undefined, expected: TensorData | undefined, name: string): number {
  if (found?.dtype !== 'F32' || expected?.dtype !== 'F32') throw new UserError(`missing tensor: ${name}`);
  if (found.shape.join() !== expected.shape.join())
    throw new UserError(`shape mismatch in ${name}: expected [${expected.shape}], found [${found.shape}]`);
  return relativeDifference(found.data, expected.data);
}

type Tensors = ReadonlyMap<string, TensorData>;

/** Our outputs with the reference's weights, and the weights as we write them. */
function runOurs(
  model: Model,
  weights: Tensors,
  answers: Tensors,
  names: string,
): { found: Map<string, Float>; written: Map<string, TensorData> } {
  const images = answers.get('images');
  if (images?.dtype !== 'F32') throw new UserError('the reference wrote no images');
  const clip = model.family === 'clip' ? buildClip(model, { seed: null }) : null;
  const network = clip ?? buildModel(model, { seed: null });
  try {
    assignWeights(network, readWeights(model, weights).tensors);
    const written = writeWeights(model, networkWeights(network), { names });
    if (!clip) return { found: observe(network, images), written };
    const tokens = answers.get('tokens');
    if (tokens?.dtype !== 'I32') throw new UserError('the reference wrote no token ids');
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

async function tokensAgree(reference: Reference, folder: string): Promise<boolean> {
  const [texts, file] = [join(folder, 'texts.txt'), join(folder, 'tokens.safetensors')];
  await writeFile(texts, TEXTS.join('\n'));
  const line = await runReference(reference, ['tokens', file, texts]);
  const { vocabulary } = Vocabulary.parse(JSON.parse(line));
  const theirs = (await readTensorsFile(file)).tensors.get('tokens');
  const ours = (await readTokenizer(vocabulary)).tokenize(TEXTS.slice(0, theirs?.shape[0]));
  return (
    theirs?.dtype === 'I32' && ours.length === theirs.data.length && ours.every((id, at) => id === theirs.data[at])
  );
}

/** Largest relative differences from the reference. `maps` and `tokens` are null where a model has none. */
export type ParityRow = {
  model: string;
  parameters: number;
  logits: number;
  maps: number | null;
  /** Of the reference's logits after it loaded our weights with strict=True; 0 if the bytes are the same. */
  strict: number;
  tokens: boolean | null;
  holds: boolean;
};

/** Compare one network with its reference. @throws UserError if the reference fails */
export async function compareWithReference(name: ParityCase, reference: Reference): Promise<ParityRow> {
  const { names, output }: Case = CASES[name];
  const folder = await mkdtemp(join(tmpdir(), 'ablate-parity-'));
  try {
    await runReference(reference, ['full', name, folder]);
    const { tensors: answers, metadata } = await readTensorsFile(join(folder, 'answers.safetensors'));
    const { tensors: weights } = await readTensorsFile(join(folder, 'weights.safetensors'));
    const model = parseModel(JSON.parse(Metadata.parse(metadata).config), name);
    const { found, written } = runOurs(model, weights, answers, names);
    const mapNames = [...answers.keys()].filter((key) => key.startsWith('attention.'));
    const maps = mapNames.map((key) => difference(found.get(key), answers.get(key), key));
    const features = model.family === 'clip' ? ['image_features', 'text_features'] : [];
    const logits = [
      difference(found.get(output), answers.get('logits'), 'logits'),
      ...features.map((key) => difference(found.get(key), answers.get(key), key)),
    ];
    const file = join(folder, 'ours.safetensors');
    await writeTensorsFile(file, written, { format: 'pt' });
    const line = await runReference(reference, ['strict', name, file, join(folder, 'answers.safetensors')]);
    const strict = Strict.parse(JSON.parse(line)).difference;
    const tokens = model.family === 'clip' ? await tokensAgree(reference, folder) : null;
    const row = { logits: Math.max(...logits), maps: maps.length > 0 ? Math.max(...maps) : null, strict, tokens };
    const holds = row.logits <= MAX_LOGITS && (row.maps ?? 0) <= MAX_MAPS && strict === 0 && tokens !== false;
    return { model: name, parameters: modelCost(model).parameters, ...row, holds };
  } finally {
    await rm(folder, { recursive: true });
  }
}
