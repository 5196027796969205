import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Picture, prepare, resize, resizeAndCrop } from '@ablate/data';
import { decodeSafetensors } from '@ablate/models/safetensors';

const path = new URL('../fixtures/models/reference-preparations.safetensors', import.meta.url);
const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(path)));

function picture(name: string): Picture {
  const tensor = tensors.get(name);
  assert.ok(tensor?.dtype === 'U8', name);
  const [height = 0, width = 0] = tensor.shape;
  return { width, height, pixels: tensor.data };
}

function turned({ width, height, pixels }: Picture): Picture {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      out.set(pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3), (x * height + y) * 3);
  return { width: height, height: width, pixels: out };
}

const source = picture('source');
for (const name of tensors.keys()) {
  const [verb, filter, a, b, c] = name.split('.');
  const interpolation = filter === 'bicubic' ? 'bicubic' : 'bilinear';
  if (verb === 'resize')
    test(`${name} equals Pillow’s byte for byte`, () => {
      assert.deepEqual(resize(source, Number(a), Number(b), interpolation), picture(name));
    });
  if (verb === 'crop')
    test(`${name} equals torchvision’s byte for byte`, () => {
      const from = c === '1' ? turned(source) : source;
      assert.deepEqual(resizeAndCrop(from, Number(a), Number(b), interpolation), picture(name));
    });
}

test('values are normalised by the preparation’s mean and deviation', () => {
  const grey = { width: 8, height: 8, pixels: new Uint8Array(8 * 8 * 3).fill(255) };
  const { values, seen } = prepare(grey, 'imagenet', 4);
  assert.equal(values.length, 48);
  assert.deepEqual([seen.width, seen.height], [4, 4]);
  assert.ok(Math.abs((values[1] ?? 0) - (1 - 0.456) / 0.224) < 1e-6);
});
