import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { resize, resizer } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { countedRandom, randomKey } from '@ablate/random';
import { assemble } from '../../scripts/build-wasm.mjs';

const folder = join(REPOSITORY, 'packages', 'data', 'src', 'image', 'resample');

test('resample.wasm is assembled from resample.wat', async () => {
  const made = await assemble(join(folder, 'resample.wat'));
  assert.deepEqual(Buffer.from(made), await readFile(join(folder, 'resample.wasm')));
});

const noise = (width: number, height: number, seed = 1) => {
  const random = countedRandom(randomKey(seed, 'noise'));
  return { width, height, pixels: Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)) };
};

test('a part is resized independent of its surroundings and of earlier calls, and writes only its target', () => {
  const image = noise(61, 47);
  const part = { left: 13, top: 9, width: 31, height: 22 };
  const alone = { width: part.width, height: part.height, pixels: new Uint8Array(part.width * part.height * 3) };
  for (let y = 0; y < part.height; y++)
    for (let x = 0; x < part.width * 3; x++)
      alone.pixels[y * part.width * 3 + x] = image.pixels[((part.top + y) * 61 + part.left) * 3 + x] ?? 0;
  const bilinear = resizer('bilinear');
  for (const [width, height] of [
    [16, 16],
    [31, 40],
    [50, 22],
    [31, 22],
    [1, 1],
    [97, 5],
  ] as const) {
    resize(noise(300, 300, width), 224, 224, 'bicubic');
    const around = new Uint8Array(width * height * 3 + 64).fill(77);
    const pixels = around.subarray(32, -32);
    bilinear({ pixels: image.pixels, stride: image.width, ...part }, { width, height, pixels });
    assert.deepEqual(pixels, resize(alone, width, height, 'bilinear').pixels);
    assert.ok([...around.subarray(0, 32), ...around.subarray(-32)].every((byte) => byte === 77));
  }
});

test('an image larger than a band is resized like a small one', () => {
  const [width, height] = [1_200, 900];
  const [row, column] = [noise(width, 1).pixels, noise(1, height).pixels];
  const across = { width, height, pixels: new Uint8Array(width * height * 3) };
  const down = { ...across, pixels: new Uint8Array(width * height * 3) };
  for (let at = 0; at < across.pixels.length; at++) {
    across.pixels[at] = row[at % (width * 3)] ?? 0;
    down.pixels[at] = column[Math.floor(at / (width * 3)) * 3 + (at % 3)] ?? 0;
  }
  // Equal rows stay equal, and so do equal columns.
  const [wide, high] = [resize(across, 50, 40, 'bilinear').pixels, resize(down, 50, 40, 'bilinear').pixels];
  const wantedRow = resize({ width, height: 1, pixels: row }, 50, 1, 'bilinear').pixels;
  const wantedColumn = resize({ width: 1, height, pixels: column }, 1, 40, 'bilinear').pixels;
  for (let y = 0; y < 40; y++)
    for (let x = 0; x < 50; x++)
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * 50 + x) * 3 + channel;
        assert.equal(wide[at], wantedRow[x * 3 + channel]);
        assert.equal(high[at], wantedColumn[y * 3 + channel]);
      }
});
