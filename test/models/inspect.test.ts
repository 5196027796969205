import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  blend,
  decodeSafetensors,
  encodePng,
  type Float,
  float,
  fuseHeads,
  massMask,
  paint,
  palette,
  patchAttention,
  rangeOf,
  rollout,
  similarity,
  spotlight,
  tile,
} from '@ablate/models';
import { PNG } from 'pngjs';

const f = (shape: number[], ...data: number[]): Float => float(shape, Float32Array.from(data));
const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, most = 1e-6): void => {
  assert.equal(found.length, wanted.length);
  for (let at = 0; at < wanted.length; at++)
    assert.ok(Math.abs((found[at] ?? 0) - (wanted[at] ?? 0)) <= most, `${at}: ${found[at]}, not ${wanted[at]}`);
};

// Two heads, two tokens.
const maps = f([1, 2, 2, 2], 0.9, 0.1, 0.4, 0.6, 0.5, 0.5, 0.2, 0.8);

test('heads are fused by mean, max or min', () => {
  near(fuseHeads(maps, 'mean').data, [0.7, 0.3, 0.3, 0.7]);
  near(fuseHeads(maps, 'max').data, [0.9, 0.5, 0.4, 0.8]);
  near(fuseHeads(maps, 'min').data, [0.5, 0.1, 0.2, 0.6]);
});

test('patch attention is the class token’s row, or the mean over all tokens without one', () => {
  const withClass = patchAttention(maps, { cls: true });
  assert.deepEqual(withClass.shape, [1, 2, 1]);
  near(withClass.data, [0.1, 0.5]);
  near(patchAttention(maps, { cls: false }).data, [0.65, 0.35, 0.35, 0.65]);
  const cross = patchAttention(f([1, 1, 1, 3], 0.2, 0.3, 0.5), { cls: true });
  near(cross.data, [0.3, 0.5]);
});

test('the mass mask keeps the largest patches that hold the share, as DINO does', () => {
  near(massMask(f([2, 4], 0.1, 0.4, 0.2, 0.3, 1, 1, 1, 5), 0.6).data, [0, 1, 0, 1, 0, 0, 0, 1]);
  near(massMask(f([1, 4], 0.1, 0.45, 0.15, 0.3), 0.8).data, [0, 1, 1, 1]);
  assert.throws(() => massMask(f([1, 2], 0.5, -0.1), 0.6), /signed/);
});

test('rollout of two layers, by hand', () => {
  // Rows of 0.5 A + 0.5 I already sum to 1; the second layer multiplies from the left.
  const one = f([1, 1, 2, 2], 0.6, 0.4, 0.2, 0.8);
  const two = f([1, 1, 2, 2], 0.5, 0.5, 1, 0);
  const all = rollout([one, two], { fusion: 'mean', discard: 0, query: 'all' });
  near(all.data, [0.75 * 0.8 + 0.25 * 0.1, 0.75 * 0.2 + 0.25 * 0.9, 0.5 * 0.8 + 0.5 * 0.1, 0.5 * 0.2 + 0.5 * 0.9]);
  near(rollout([one, two], { fusion: 'mean', discard: 0, query: 'cls' }).data, all.data.subarray(0, 2));
  const mean = [0, 1].map((at) => ((all.data[at] ?? 0) + (all.data[at + 2] ?? 0)) / 2);
  near(rollout([one, two], { fusion: 'mean', discard: 0, query: 'mean' }).data, mean);
});

test('rollout discards the lowest entries except the first token’s own, and rows still sum to 1', () => {
  const layer = f([1, 1, 2, 2], 0.01, 0.99, 0.3, 0.7);
  near(rollout([layer], { fusion: 'max', discard: 0.5, query: 'all' }).data, [0.505 / 1, 0.495 / 1, 0, 1]);
  assert.throws(() => rollout([layer], { fusion: 'max', discard: 1, query: 'cls' }), /discard/);
  assert.throws(() => rollout([f([1, 1, 1, 2], 0, 1)], { fusion: 'mean', discard: 0, query: 'cls' }), /self-attention/);
});

test('rollout equals a NumPy transcription of Abnar and Zuidema, over batches, heads and signed maps', () => {
  const path = new URL('../fixtures/models/reference-rollout.safetensors', import.meta.url);
  const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(path)));
  const get = (name: string): Float => {
    const tensor = tensors.get(name);
    assert.ok(tensor?.dtype === 'F32', name);
    return tensor;
  };
  const layers = [0, 1, 2].map((layer) => get(`maps.${layer}`));
  for (const fusion of ['mean', 'max', 'min'] as const)
    for (const discard of [0, 0.3])
      near(rollout(layers, { fusion, discard, query: 'all' }).data, get(`${fusion}.${discard}`).data, 2e-6);
});

test('similarity of positions: dot product and cosine', () => {
  const table = f([3, 2], 3, 4, 0, 2, -3, -4);
  near(similarity(table, 'dot').data, [25, 8, -25, 8, 4, -8, -25, -8, 25]);
  near(similarity(table, 'cosine').data, [1, 0.8, -1, 0.8, 1, -0.8, -1, -0.8, 1]);
});

/** Rec. 709 luminance, which a palette must change in one direction. */
const luminance = ([r, g, b]: readonly [number, number, number]): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

test('the sequential palette only grows lighter; the diverging one is lightest at 0 and bluer below', () => {
  const sequential = palette('sequential');
  for (let step = 1; step < 256; step++)
    assert.ok(luminance(sequential(step / 255)) >= luminance(sequential((step - 1) / 255)) - 1, `step ${step}`);
  assert.deepEqual(sequential(0), [0x44, 0x01, 0x54]);
  assert.deepEqual(sequential(7), [0xfd, 0xe7, 0x25]);
  const diverging = palette('diverging');
  for (let step = 1; step < 128; step++) {
    assert.ok(luminance(diverging(step / 255)) >= luminance(diverging((step - 1) / 255)) - 1);
    assert.ok(luminance(diverging(1 - step / 255)) >= luminance(diverging(1 - (step - 1) / 255)) - 1);
  }
  const [red, , blue] = diverging(0);
  assert.ok(blue > red);
});

test('values become squares of colour, signed ones around 0', () => {
  const data = Float32Array.of(-1, 0.5);
  assert.deepEqual(rangeOf(data, 'sequential'), [-1, 0.5]);
  assert.deepEqual(rangeOf(data, 'diverging'), [-1, 1]);
  const picture = paint(
    { rows: 1, columns: 2, data: Float32Array.of(0, 1) },
    { palette: 'sequential', range: [0, 1], scale: 2 },
  );
  assert.deepEqual([picture.width, picture.height], [4, 2]);
  assert.deepEqual([...picture.pixels.subarray(3, 9)], [0x44, 0x01, 0x54, 0xfd, 0xe7, 0x25]);
});

test('pictures are blended, masked and tiled, and survive PNG unchanged', () => {
  const dark = { width: 2, height: 1, pixels: new Uint8Array(6).fill(100) };
  const light = { width: 2, height: 1, pixels: new Uint8Array(6).fill(200) };
  assert.deepEqual([...blend(dark, light, 0.25).pixels], [125, 125, 125, 125, 125, 125]);
  assert.deepEqual(
    [...spotlight(light, { rows: 1, columns: 2, data: Float32Array.of(1, 0) }).pixels],
    [200, 200, 200, 50, 50, 50],
  );
  assert.throws(() => blend(dark, { ...light, width: 1 }, 0.5), /pictures differ in size/);
  const tiled = tile([dark, light, dark], { columns: 2, gap: 1 });
  assert.deepEqual([tiled.width, tiled.height], [5, 3]);
  const png = PNG.sync.read(Buffer.from(encodePng(tiled)));
  assert.deepEqual([png.width, png.height], [5, 3]);
  assert.deepEqual([...png.data.filter((_, at) => at % 4 !== 3)], [...tiled.pixels]);
});
