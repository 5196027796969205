import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tf } from '@ablate/engine';
import { encodePng, encodeSafetensors, rankOf, readTensorsFile, type TensorData } from '@ablate/models';
import { Command } from 'commander';
import { PNG } from 'pngjs';
import { readCliEnv } from '../../apps/cli/src/env.ts';
import { modelCommands } from '../../apps/cli/src/model/commands.ts';
import { needs } from '../support/processor.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ablate-commands-'));
});
after(() => rm(folder, { recursive: true }));
const at = (...names: string[]): string => join(folder, ...names);

/** Run `ablate …`; what it printed and said. */
async function ablate(...args: string[]): Promise<{ printed: string; said: string }> {
  const [printed, said]: [string[], string[]] = [[], []];
  const context = {
    env: () => readCliEnv({ ABLATE_HOME: folder }),
    print: (text: string) => void printed.push(text),
    write: (text: string) => void printed.push(text),
    log: (text: string) => void said.push(text),
    signal: new AbortController().signal,
  };
  const program = new Command('ablate').exitOverride().configureOutput({ writeErr: (text) => void said.push(text) });
  for (const register of modelCommands) register(program, context);
  await program.parseAsync(args, { from: 'user' });
  return { printed: printed.join('\n'), said: said.join('\n') };
}

const vit = { family: 'vit', imageSize: 16, classes: 5, patchSize: 4, width: 16, depth: 2, heads: 2 };

async function modelFile(name: string, model: unknown): Promise<string> {
  await writeFile(at(name), JSON.stringify(model));
  return at(name);
}

async function imagesFile(count: number, side = 16): Promise<string> {
  const data = new Float32Array(count * side * side * 3).map((_, i) => Math.sin(i * i * 0.01));
  const images: TensorData = { dtype: 'F32', shape: [count, side, side, 3], data };
  await writeFile(at('images.safetensors'), encodeSafetensors(new Map([['images', images]])));
  return at('images.safetensors');
}

async function pictureFolder(): Promise<string> {
  await mkdir(at('pictures'), { recursive: true });
  for (const [name, width, height] of [
    ['b.png', 24, 20],
    ['a.png', 16, 30],
  ] as const) {
    const pixels = new Uint8Array(width * height * 3).map((_, i) => (i * 7) % 256);
    await writeFile(at('pictures', name), encodePng({ width, height, pixels }));
  }
  await writeFile(at('pictures', 'notes.txt'), 'no picture');
  return at('pictures');
}

test('init, forward, convert: the same weights under other names give the same logits', async () => {
  const model = await modelFile('vit.json', vit);
  const images = await imagesFile(5);
  const tensors = tf.memory().numTensors;
  await ablate('init', '--model', model, '--seed', '3', '--output', at('w.safetensors'));
  const forward = ['forward', '--model', model, '--input', images, '--batch', '2'];
  const { printed } = await ablate(
    ...forward,
    '--weights',
    at('w.safetensors'),
    '--output',
    at('out'),
    '--attention',
    '--features',
  );
  assert.match(printed, /^logits \[5, 5\]/m);
  const { tensors: out } = await readTensorsFile(at('out'));
  assert.deepEqual([...out.keys()].sort(), ['attention.0', 'attention.1', 'features', 'logits']);
  assert.deepEqual(out.get('attention.1')?.shape, [5, 2, 17, 17]);
  assert.deepEqual(out.get('features')?.shape, [5, 16]);

  const convert = ['convert', '--model', model, '--weights', at('w.safetensors')];
  await ablate(...convert, '--to', 'torchvision', '--output', at('tv.safetensors'));
  assert.ok((await readTensorsFile(at('tv.safetensors'))).tensors.has('conv_proj.weight'));
  await ablate(...forward, '--weights', at('tv.safetensors'), '--output', at('out2'));
  assert.deepEqual((await readTensorsFile(at('out2'))).tensors.get('logits'), out.get('logits'));
  await ablate(...forward, '--seed', '3', '--output', at('out3'));
  assert.deepEqual((await readTensorsFile(at('out3'))).tensors.get('logits'), out.get('logits'));
  assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
});

test('forward takes a folder of pictures, in order of their names', async () => {
  const model = await modelFile('vit.json', vit);
  const args = ['forward', '--model', model, '--seed', '1', '--output', at('out')];
  await ablate(...args, '--input', await pictureFolder(), '--preprocess', 'cifar10');
  const { tensors, metadata } = await readTensorsFile(at('out'));
  assert.deepEqual(tensors.get('logits')?.shape, [2, 5]);
  assert.equal(metadata.images, '["a.png","b.png"]');
});

test('a checkpoint of a run needs no --model', async () => {
  await modelFile('vit.json', vit);
  await ablate('init', '--model', at('vit.json'), '--seed', '2', '--output', at('w.safetensors'));
  const { tensors } = await readTensorsFile(at('w.safetensors'));
  const transposed = ({ shape, data }: TensorData): TensorData => {
    const [rows = 0, columns = 0] = shape;
    const out = new Float32Array(rows * columns).map((_, i) =>
      Number(data[(i % rows) * columns + Math.floor(i / rows)]),
    );
    return { dtype: 'F32', shape: [columns, rows], data: out };
  };
  const ours = new Map<string, TensorData>();
  for (const [name, tensor] of tensors) {
    const [o = 0, c = 0, h = 0, w = 0] = tensor.shape;
    if (name === 'patch_embed.proj.weight')
      ours.set(name, { ...transposed({ ...tensor, shape: [o, c * h * w] }), shape: [h, w, c, o] });
    else ours.set(name, tensor.shape.length === 2 ? transposed(tensor) : tensor);
  }
  // (c, h, w, o) to (h, w, c, o).
  const kernel = ours.get('patch_embed.proj.weight');
  assert.ok(kernel?.dtype === 'F32');
  const flat = kernel.data;
  kernel.data = new Float32Array(flat.length).map((_, i) => {
    const [o, c, w, h] = [i % 16, Math.floor(i / 16) % 3, Math.floor(i / 48) % 4, Math.floor(i / 192)];
    return flat[((c * 4 + h) * 4 + w) * 16 + o] ?? 0;
  });
  const metadata = { format: 'ablate', config: JSON.stringify({ model: vit }) };
  await writeFile(at('last.safetensors'), encodeSafetensors(ours, metadata));
  const input = await imagesFile(2);
  await ablate('forward', '--weights', at('last.safetensors'), '--input', input, '--output', at('one'));
  await ablate(
    'forward',
    '--model',
    at('vit.json'),
    '--weights',
    at('w.safetensors'),
    '--input',
    input,
    '--output',
    at('two'),
  );
  assert.deepEqual((await readTensorsFile(at('one'))).tensors, (await readTensorsFile(at('two'))).tensors);
});

test('flops prints the published count, and JSON that a script reads', async () => {
  const { printed } = await ablate('flops', '--model', 'resnet18');
  assert.match(printed, /total\s+11689512\s+1814\.07\s+1819\.07/);
  const json = JSON.parse((await ablate('flops', '--model', 'dino_vits16', '--layers', '--json')).printed);
  assert.equal(json.withoutHead.parameters, 21_665_664);
  assert.equal(
    json.layers.reduce((sum: number, layer: { macs: number }) => sum + layer.macs, 0),
    json.total.macs,
  );
});

test('attention, rollout and positions are painted', async () => {
  const model = await modelFile('vit.json', vit);
  const differential = await modelFile('diff.json', { ...vit, attention: 'differential', positional: 'learned2d' });
  const pictures = ['--input', await pictureFolder(), '--preprocess', 'imagenet', '--seed', '1'];
  const size = async (path: string): Promise<number[]> => {
    const { width, height } = PNG.sync.read(await readFile(path));
    return [width, height];
  };
  await ablate('attention', '--model', model, ...pictures, '--output', at('maps'), '--layer', 'all', '--mass', '0.6');
  // The picture, two heads and their mean, of 160 pixels, two apart.
  assert.deepEqual(await size(at('maps', 'b.0.png')), [4 * 162 - 2, 160]);
  await ablate('attention', '--model', differential, ...pictures, '--output', at('signed'));
  assert.deepEqual(await size(at('signed', 'a.1.png')), [4 * 162 - 2, 160]);
  await ablate(
    'rollout',
    '--model',
    model,
    ...pictures,
    '--output',
    at('rolled'),
    '--fusion',
    'max',
    '--discard',
    '0.5',
  );
  assert.deepEqual(await size(at('rolled', 'a.rollout.png')), [322, 160]);
  const { tensors } = await readTensorsFile(at('rolled', 'rollout.safetensors'));
  assert.deepEqual(tensors.get('rollout')?.shape, [2, 1, 16]);
  for (const file of [model, differential]) {
    const { printed } = await ablate('positions', '--model', file, '--seed', '1', '--output', at('positions.png'));
    assert.match(printed, /cosine, colours from -?\d\.\d+ to 1\.000/);
  }
  assert.deepEqual(await size(at('positions.png')), [4 * 66 - 2, 4 * 66 - 2]);
});

test('symmetry measures a model that is given', async () => {
  const model = await modelFile('none.json', { ...vit, positional: 'none' });
  const rows = JSON.parse((await ablate('symmetry', '--model', model, '--json')).printed);
  assert.deepEqual(
    rows.map((row: { holds: boolean }) => row.holds),
    [false, true, false, true],
  );
});

/** A picture of one colour in each class folder, and what the network itself says of them. */
async function classFolders(...names: string[]): Promise<string> {
  await rm(at('classes'), { recursive: true, force: true });
  for (const [index, name] of names.entries()) {
    await mkdir(at('classes', name), { recursive: true });
    for (const shade of [40, 200]) {
      const pixels = new Uint8Array(16 * 16 * 3).map((_, i) => (i % 3 === index ? shade : (i * 3) % 256));
      await writeFile(at('classes', name, `${shade}.png`), encodePng({ width: 16, height: 16, pixels }));
    }
  }
  return at('classes');
}

test('classify counts what is first and among the first five, class by class', async () => {
  const model = await modelFile('seven.json', { ...vit, classes: 7 });
  const input = await classFolders('n01', 'n02');
  const shared = ['--model', model, '--seed', '5', '--preprocess', 'cifar10'];
  /** How many logits are above each class's, for both pictures of a folder. */
  const ranksOf = async (folder: string): Promise<number[][]> => {
    await ablate('forward', ...shared, '--input', join(input, folder), '--output', at('out'));
    const logits = Array.from((await readTensorsFile(at('out'))).tensors.get('logits')?.data ?? [], Number);
    const rows = [logits.slice(0, 7), logits.slice(7)];
    return rows.map((row) => row.map((own) => row.filter((value) => value > own).length));
  };
  const [first, second] = [await ranksOf('n01'), await ranksOf('n02')];
  // The fifth of one, the best (or, where that is the same class, the next) of the other: both borders are met.
  const fifth = first[0]?.indexOf(4) ?? 0;
  const best = [0, 1].map((rank) => second[0]?.indexOf(rank) ?? 0).find((label) => label !== fifth) ?? 0;
  const lines = Array.from({ length: 7 }, (_, label) => `other${label}`);
  lines[fifth] = 'n01\tfirst';
  lines[best] = 'n02\tsecond';
  await writeFile(at('classes.txt'), lines.join('\n'));
  const said = await ablate('classify', ...shared, '--input', input, '--classes', at('classes.txt'), '--json');
  const { classes, total } = JSON.parse(said.printed);
  const share = (ranks: number[][], label: number, most: number) =>
    ranks.filter((row) => (row[label] ?? 7) < most).length / 2;
  assert.deepEqual(classes, [
    { class: 'first', images: 2, top1: share(first, fifth, 1), top5: share(first, fifth, 5) },
    { class: 'second', images: 2, top1: share(second, best, 1), top5: share(second, best, 5) },
  ]);
  assert.ok(share(first, fifth, 5) > 0, 'the fifth counts');
  assert.deepEqual(total.images, 4);
  await assert.rejects(
    ablate('classify', ...shared, '--input', input),
    /has 7 classes, the input has 2\. Give --classes/,
  );
});

test('of equal logits the earlier class counts as higher', () => {
  const ranks = [0, 1, 2, 3].map((label) => rankOf(Float32Array.of(1, 2, 2, 0), label));
  assert.deepEqual(ranks, [2, 0, 1, 3]);
});

test('CLIP classifies by prompts, and answers texts', async () => {
  const merges = Array.from({ length: 48_894 }, (_, i) => `a${i} b`);
  await writeFile(at('merges.txt'), ['version', ...merges].join('\n'));
  const text = { context: 24, vocabulary: 49_408, width: 8, heads: 2, depth: 1 };
  const vision = { depths: [1, 1, 1, 1], width: 4, heads: 2 };
  const model = await modelFile('clip.json', { family: 'clip', imageSize: 32, embedding: 8, vision, text });
  const input = await classFolders('cat', 'dog');
  const shared = ['--model', model, '--seed', '5', '--preprocess', 'clip', '--vocabulary', at('merges.txt')];
  const said = await ablate('classify', ...shared, '--input', input, '--prompts', 'one', '--json');
  const { classes } = JSON.parse(said.printed);
  await writeFile(at('texts.txt'), 'a photo of a cat.\na photo of a dog.\n');
  for (const [label, name] of ['cat', 'dog'].entries()) {
    await ablate('forward', ...shared, '--input', join(input, name), '--texts', at('texts.txt'), '--output', at('out'));
    const { tensors } = await readTensorsFile(at('out'));
    assert.deepEqual(tensors.get('text_features')?.shape, [2, 8]);
    assert.deepEqual(tensors.get('image_features')?.shape, [2, 8]);
    const logits = Array.from(tensors.get('logits')?.data ?? [], Number);
    const right = [0, 2].filter((row) => (logits[row + label] ?? 0) > (logits[row + 1 - label] ?? 0)).length / 2;
    assert.deepEqual(classes[label], { class: name, images: 2, top1: right, top5: 1 });
  }
});

/** What `precision` printed for fp32 and bf16, and said. */
async function precisions() {
  const model = await modelFile('vit.json', vit);
  const args = [
    '--model',
    model,
    '--seed',
    '1',
    '--input',
    await imagesFile(3),
    '--runs',
    '3',
    '--warmup',
    '1',
    '--json',
  ];
  const { printed, said } = await ablate('precision', ...args);
  const [exact, reduced, ...others] = JSON.parse(printed);
  assert.deepEqual([exact.precision, exact.difference, exact.sameBest], ['fp32', 0, 3]);
  assert.ok(exact.meanMilliseconds > 0 && exact.peakMegabytes > 10);
  assert.equal(others.length, 0);
  return { reduced, said };
}

test('precision times both, each in a process of its own', needs('bf16'), async () => {
  const { reduced } = await precisions();
  assert.equal(reduced.precision, 'bf16');
  assert.ok(reduced.difference > 0 && reduced.difference < 0.1, `${reduced.difference}`);
});

test('precision leaves out bf16 where the processor has none, and says why', async (t) => {
  const limit = process.env.ONEDNN_MAX_CPU_ISA;
  process.env.ONEDNN_MAX_CPU_ISA = 'AVX2'; // what the timed process inherits
  t.after(() => {
    if (limit === undefined) delete process.env.ONEDNN_MAX_CPU_ISA;
    else process.env.ONEDNN_MAX_CPU_ISA = limit;
  });
  const { reduced, said } = await precisions();
  assert.equal(reduced, undefined);
  assert.match(said, /^ {2}skipped: precision bf16 needs a processor with avx512_bf16 or amx_bf16/m);
});

const wrong: [string, string[], RegExp][] = [
  [
    'patch size that does not divide',
    ['init', '--model', 'bad.json', '--output', 'x'],
    /model\.patchSize: patch size 5 must divide image size 16/,
  ],
  ['heads that do not divide', ['flops', '--model', 'heads.json'], /model\.heads: heads 3 must divide width 16/],
  ['no such model', ['flops', '--model', 'vit_huge'], /neither a file nor a preset; the presets are resnet20/],
  [
    'no weights',
    ['forward', '--model', 'vit.json', '--input', 'images.safetensors', '--output', 'x'],
    /either --run or --weights, or --seed/,
  ],
  [
    'pictures without a preparation',
    ['forward', '--model', 'vit.json', '--seed', '1', '--input', 'pictures', '--output', 'x'],
    /pictures need --preprocess/,
  ],
  [
    'images of another size',
    ['forward', '--model', 'large.json', '--seed', '1', '--input', 'images.safetensors', '--output', 'x'],
    /shape mismatch: "images" in .* is F32 \[1,16,16,3\], the model takes F32 \[N, 32, 32, 3\]/,
  ],
  [
    'a URL without a hash',
    [
      'forward',
      '--model',
      'vit.json',
      '--weights',
      'https://example.org/w',
      '--input',
      'images.safetensors',
      '--output',
      'x',
    ],
    /weights from a URL need --sha256/,
  ],
  [
    'a pickle',
    ['forward', '--model', 'vit.json', '--weights', 'w.pth', '--input', 'images.safetensors', '--output', 'x'],
    /w\.pth is a PyTorch archive .*never opens/,
  ],
  [
    'weights of another model',
    ['forward', '--model', 'large.json', '--weights', 'w16', '--input', 'images.safetensors', '--output', 'x'],
    /misshapen: pos_embed .*\n.*--interpolate-positions/,
  ],
  [
    'no such layer',
    [
      'attention',
      '--model',
      'vit.json',
      '--seed',
      '1',
      '--input',
      'images.safetensors',
      '--output',
      'x',
      '--layer',
      '7',
    ],
    /unknown layer "7"; the layers are 0, 1/,
  ],
  [
    'attention of a ResNet',
    ['attention', '--model', 'resnet20', '--seed', '1', '--input', 'images.safetensors', '--output', 'x'],
    /a ResNet has no attention maps/,
  ],
  [
    'names of another family',
    ['init', '--model', 'vit.json', '--names', 'openai', '--output', 'x'],
    /unknown names "openai" for family vit: use timm or torchvision/,
  ],
  [
    'a batch of nothing',
    ['forward', '--model', 'vit.json', '--seed', '1', '--batch', '0', '--input', 'images.safetensors', '--output', 'x'],
    /--batch: /,
  ],
];
for (const [name, args, message] of wrong)
  test(`refused: ${name}`, async () => {
    await modelFile('vit.json', vit);
    await modelFile('bad.json', { ...vit, patchSize: 5 });
    await modelFile('heads.json', { ...vit, heads: 3 });
    await modelFile('large.json', { ...vit, imageSize: 32 });
    await imagesFile(1);
    await pictureFolder();
    await writeFile(at('w.pth'), 'PK\u0003\u0004 and a pickle');
    if (args.includes('w16')) await ablate('init', '--model', at('vit.json'), '--output', at('w16'));
    const placed = args.map((arg) => (/^(\w+\.(json|safetensors|pth)|pictures|w16|x)$/.test(arg) ? at(arg) : arg));
    await assert.rejects(ablate(...placed), { name: 'UserError', message });
  });
