import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Model, resolveModel } from '@ablate/contracts';
import {
  describeParameters,
  downloadWeights,
  encodeSafetensors,
  readTensorsFile,
  readWeights,
  type TensorData,
  writeWeights,
} from '@ablate/models';

type Float = Extract<TensorData, { dtype: 'F32' }>;

function model(raw: Record<string, unknown>): Model {
  const resolved = resolveModel(raw);
  assert.ok('model' in resolved, JSON.stringify(resolved));
  return resolved.model;
}

/** Every weight of a model, each value different. */
function weightsOf(config: Model): Map<string, Float> {
  let next = 0;
  return new Map(
    [...describeParameters(config)].map(([name, { shape }]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).map(() => ++next);
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
}

const vit = model({
  family: 'vit',
  imageSize: 16,
  classes: 3,
  patchSize: 8,
  width: 8,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
});
const resnet = model({ family: 'resnet', imageSize: 16, classes: 3, depths: [1, 1], widths: [4, 8] });
const filled = (shape: number[], value = 0): Float => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

for (const [names, config] of [
  ['timm', vit],
  ['torchvision', vit],
  ['torchvision', resnet],
] as const)
  test(`${config.family} as ${names} and back is the same`, () => {
    const weights = weightsOf(config);
    const file = writeWeights(config, weights, { names });
    assert.deepEqual(readWeights(config, file).tensors, weights);
  });

test('names and layouts are the reference’s', () => {
  const file = writeWeights(vit, weightsOf(vit), { names: 'torchvision' });
  assert.deepEqual(file.get('encoder.layers.encoder_layer_1.mlp.0.weight')?.shape, [16, 8]);
  assert.deepEqual(file.get('encoder.layers.encoder_layer_0.self_attention.in_proj_bias')?.shape, [24]);
  assert.deepEqual(file.get('conv_proj.weight')?.shape, [8, 3, 8, 8]);
  const ours = weightsOf(vit).get('patch_embed.proj.weight');
  const theirs = file.get('conv_proj.weight');
  // Row 2, column 5, channel 1, output 3.
  assert.equal(theirs?.data[((3 * 3 + 1) * 8 + 2) * 8 + 5], ours?.data[((2 * 8 + 5) * 3 + 1) * 8 + 3]);
});

test('CrossViT by its authors’ names and back is the same', () => {
  const branch = { patchSize: 8, width: 8, depth: 1, heads: 2 };
  const config = model({
    family: 'crossvit',
    imageSize: 16,
    classes: 3,
    small: branch,
    large: { ...branch, width: 16 },
    stages: 1,
  });
  const weights = weightsOf(config);
  const file = writeWeights(config, weights, { names: 'crossvit' });
  assert.deepEqual(file.get('pos_embed.1')?.shape, [1, 5, 16]);
  assert.ok(file.has('cls_token.0') && file.has('blocks.0.fusion.1.attn.wq.weight') && !file.has('pos_embed_0'));
  const { tensors, naming } = readWeights(config, file);
  assert.equal(naming, 'crossvit');
  assert.deepEqual(tensors, weights);
});

test('older torchvision names are read', () => {
  const file = writeWeights(vit, weightsOf(vit), { names: 'torchvision' });
  const older = new Map(
    [...file].map(([name, tensor]) => [name.replace('mlp.0', 'mlp.linear_1').replace('mlp.3', 'mlp.linear_2'), tensor]),
  );
  assert.deepEqual(readWeights(vit, older).tensors, weightsOf(vit));
});

test('DINO: the teacher’s backbone is taken, training heads and the student are listed as ignored', () => {
  const plain = writeWeights(vit, weightsOf(vit), { names: 'dino' });
  assert.ok(!plain.has('head.weight'));
  const full = new Map<string, TensorData>([['teacher.head.mlp.0.weight', filled([2, 2])]]);
  for (const [name, tensor] of plain) {
    full.set(`teacher.backbone.${name}`, tensor);
    full.set(`student.module.backbone.${name}`, filled(tensor.shape, 7));
  }
  for (const file of [plain, full]) {
    const { tensors, kept } = readWeights(vit, file);
    assert.deepEqual(tensors.get('norm.weight'), weightsOf(vit).get('norm.weight'));
    assert.deepEqual(kept, ['head.weight', 'head.bias']);
  }
  const { ignored } = readWeights(vit, full);
  assert.equal(ignored.length, plain.size + 1);
  assert.match(ignored[0] ?? '', /teacher\.head\.mlp\.0\.weight \(the projection head/);
});

test('unilm: q, k and v are stacked, its norm renamed, its missing bias zero', () => {
  const config = model({ ...vit, attention: 'differential', qkvBias: false });
  const weights = weightsOf(config);
  for (const layer of [0, 1]) weights.get(`blocks.${layer}.attn.proj.bias`)?.data.fill(0);
  const file = writeWeights(config, weights, { names: 'unilm' });
  assert.deepEqual(file.get('blocks.1.attn.k_proj.weight')?.shape, [8, 8]);
  assert.ok(file.has('blocks.1.attn.subln.weight') && !file.has('blocks.1.attn.proj.bias'));
  assert.deepEqual(readWeights(config, file).tensors, weights);
  weights.get('blocks.0.attn.proj.bias')?.data.fill(1);
  assert.throws(() => writeWeights(config, weights, { names: 'unilm' }), /no tensor for blocks\.0\.attn\.proj\.bias/);
});

test('missing, unknown, misshapen and non-finite tensors are named in one error', () => {
  const file = writeWeights(resnet, weightsOf(resnet), { names: 'torchvision' });
  file.delete('fc.bias');
  file.set('fc.extra', filled([1]));
  file.set('conv1.weight', filled([4, 3, 7, 7]));
  file.set('bn1.running_var', filled([4], Number.NaN));
  file.set('bn1.weight', { dtype: 'I32', shape: [4], data: new Int32Array(4) });
  assert.throws(
    () => readWeights(resnet, file),
    (error: Error) => {
      assert.match(error.message, /missing: .*fc\.bias/);
      assert.match(error.message, /unknown: fc\.extra/);
      assert.match(error.message, /misshapen: .*conv1\.weight \[4,3,7,7\], not \[4,3,3,3\]/);
      assert.match(error.message, /bn1\.weight \(dtype I32/);
      assert.match(error.message, /not finite \(NaN or infinite\): bn1\.running_var/);
      return true;
    },
  );
});

test('batch counters are listed as ignored', () => {
  const file = writeWeights(resnet, weightsOf(resnet), { names: 'torchvision' });
  file.set('module.bn1.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(3n) });
  const { tensors, ignored } = readWeights(resnet, file);
  assert.deepEqual(tensors, weightsOf(resnet));
  assert.match(ignored.join(), /num_batches_tracked \(counts batches/);
});

test('a duplicate name after removing prefixes is refused', () => {
  const file = writeWeights(resnet, weightsOf(resnet), { names: 'torchvision' });
  file.set('module.fc.bias', filled([3]));
  assert.throws(() => readWeights(resnet, file), /unknown: module\.fc\.bias \(duplicate of fc\.bias/);
});

test('a tensor that torchvision has no name for is not written', () => {
  const differential = model({ ...vit, attention: 'differential' });
  const write = () => writeWeights(differential, weightsOf(differential), { names: 'torchvision' });
  assert.throws(write, /torchvision has no tensor for blocks\.0\.attn\.lambda_q1/);
});

test('names of a different family are refused', () => {
  assert.throws(
    () => writeWeights(resnet, new Map(), { names: 'openai' }),
    /unknown names "openai" for family resnet: use timm or/,
  );
});

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ablate-weights-'));
});
after(() => rm(folder, { recursive: true }));

for (const [name, bytes, message] of [
  ['a.pth', [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0], /a PyTorch archive .*never opens one.*python -c .*torch\.load/],
  ['b.pt', [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9], /b\.pt is a pickle.*never opens one.*python -c/],
  ['c.safetensors', [1, 2, 3], /c\.safetensors: truncated: 3 bytes/],
] as const)
  test(`not opened: ${name}`, async () => {
    await writeFile(join(folder, name), Uint8Array.from(bytes));
    await assert.rejects(readTensorsFile(join(folder, name)), message);
  });

test('a file above the limit is not read', async () => {
  await writeFile(join(folder, 'large'), new Uint8Array(100));
  await assert.rejects(readTensorsFile(join(folder, 'large'), { maxBytes: 99 }), /has 100 bytes; the limit is 99/);
});

test('a URL is fetched once, verified, and refused when it is not what was meant', async (t) => {
  const body = encodeSafetensors(new Map([['a', filled([2])]]));
  const sha256 = createHash('sha256').update(body).digest('hex');
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    response.writeHead(request.url === '/w' ? 200 : 404).end(request.url === '/w' ? body : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/w`;
  const cache = join(folder, 'cache');

  await assert.rejects(
    downloadWeights({ url, sha256: '0'.repeat(64), cache }),
    /SHA-256 mismatch: expected 0{64}, found/,
  );
  await assert.rejects(downloadWeights({ url, sha256, cache, maxBytes: 10 }), /longer than 10 bytes/);
  await assert.rejects(downloadWeights({ url: `${url}x`, sha256, cache }), /HTTP 404/);
  await assert.rejects(downloadWeights({ url: 'file:///etc/passwd', sha256, cache }), /http or https, not file:/);
  await assert.rejects(downloadWeights({ url, sha256: 'abc', cache }), /64 hexadecimal digits/);
  assert.deepEqual(await readdir(cache), [], 'nothing is left of a refused download');

  const path = await downloadWeights({ url, sha256: sha256.toUpperCase(), cache });
  assert.deepEqual((await readTensorsFile(path)).tensors, new Map([['a', filled([2])]]));
  const before = asked;
  assert.equal(await downloadWeights({ url, sha256, cache }), path);
  assert.equal(asked, before, 'the kept file is used');
  await writeFile(path, 'damaged');
  await downloadWeights({ url, sha256, cache });
  assert.equal(asked, before + 1, 'a damaged one is not');
});

test('a run’s checkpoint is read, with its average of the weights instead of the last values', () => {
  const weights = weightsOf(resnet);
  const file = new Map<string, TensorData>(weights);
  file.set('optimizer.momentum/fc.bias', filled([3], 9));
  assert.deepEqual(readWeights(resnet, file, { names: 'checkpoint' }).tensors, weights);
  for (const [name, { shape }] of weights) file.set(`optimizer.ema/${name}`, filled(shape, 5));
  assert.deepEqual(readWeights(resnet, file, { names: 'checkpoint' }).tensors.get('fc.bias'), filled([3], 5));
});

test('positions of a different image size are resized on request, and listed', () => {
  const file = writeWeights(vit, weightsOf(vit), { names: 'timm' });
  const larger = model({ ...vit, imageSize: 24 });
  assert.throws(() => readWeights(larger, file), /misshapen: pos_embed \[1,5,8\], not \[1,10,8\]/);
  const { tensors, fitted } = readWeights(larger, file, { interpolate: true });
  assert.deepEqual(fitted, ['pos_embed [1,5,8] to [1,10,8]']);
  const own = weightsOf(vit).get('pos_embed')?.data;
  assert.deepEqual(
    tensors.get('pos_embed')?.data.subarray(0, 8),
    own?.subarray(0, 8),
    'the class token’s row is copied',
  );
});
