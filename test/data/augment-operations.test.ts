/** Compares operations with Pillow, torchvision v2 and timm on the same image; fixtures from test/fixtures/data/augment.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  type ChangeName,
  flip,
  flipVertical,
  gaussian,
  grayscale,
  hue,
  policyChanges,
  reflected,
  resizer,
  SPACES,
  shearing,
  shifted,
  TIMM_LEVELS,
  type TimmName,
  transform,
} from '@ablate/data';
import { z } from 'zod';

const numbers = z.array(z.number());
const Fixture = z.object({
  size: z.int(),
  source: z.base64(),
  rows: z.array(
    z.object({
      change: z.string(),
      argument: z.union([z.number(), numbers]),
      interpolation: z.enum(['nearest', 'bilinear', 'bicubic']).nullable(),
      fill: z.tuple([z.number(), z.number(), z.number()]).nullable(),
      pixels: z.base64(),
    }),
  ),
  flat: z.record(z.string(), z.base64()),
  levels: z.record(z.string(), z.record(z.string(), numbers.nullable())),
  timmLevels: z.record(z.string(), z.array(z.number().nullable())),
});
const path = new URL('../fixtures/data/augment.json.gz', import.meta.url);
const { size, rows, flat, levels, timmLevels, ...fixture } = Fixture.parse(
  JSON.parse(gunzipSync(readFileSync(path)).toString()),
);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const source = bytes(fixture.source);
type Row = (typeof rows)[number];

const changes = policyChanges(size);
const scratch = new Float32Array(source.length);
const random = { word: () => 0, uniform: () => 0, normal: () => 0, fillNormal: () => {}, integer: () => 0 };
const square = { width: size, height: size };

/** How to call each change of the fixtures; all others are changes of policies. */
const OTHERS: Record<string, (to: Uint8Array, row: Row, argument: number[]) => void> = {
  shear: (to, row, [x = 0, y = 0]) => transform(source, to, size, shearing(x, y, size / 2), around(row)),
  hue: (to, _row, [turn = 0]) => hue(source, to, turn),
  grayscale: (to) => grayscale(source, to),
  gaussian: (to, _row, [kernel = 1, sigma = 1]) => gaussian(source, to, size, { kernel, sigma, scratch }),
  flip: (to) => flip(size)(source, to, random, square),
  flipVertical: (to) => flipVertical(size)(source, to, random, square),
  crop: (to, row, [, dx = 0, dy = 0]) => shifted(size, around(row).fill)(source, to, dx, dy),
  reflect: (to, _row, [padding = 0, dx = 0, dy = 0]) => reflected(size, padding)(source, to, dx, dy),
  resizedCrop: (to, row, [left = 0, top = 0, width = 0, height = 0]) =>
    resizer(row.interpolation === 'bicubic' ? 'bicubic' : 'bilinear')(
      { pixels: source, stride: size, left, top, width, height },
      { pixels: to, width: size, height: size },
    ),
};
const around = ({ interpolation, fill }: Row) => ({
  interpolation: interpolation ?? 'nearest',
  fill: fill ?? ([0, 0, 0] as const),
});
const isPolicyChange = (name: string): name is ChangeName => Object.hasOwn(changes, name);

/** Output buffers are not zeroed, as in training. */
const dirty = (): Uint8Array => new Uint8Array(source.length).fill(201);

function made(row: Row): Uint8Array {
  const to = dirty();
  const argument = typeof row.argument === 'number' ? [row.argument] : row.argument;
  if (isPolicyChange(row.change)) changes[row.change](source, to, argument[0] ?? 0, around(row));
  else {
    const other = OTHERS[row.change];
    assert.ok(other, row.change);
    other(to, row, argument);
  }
  return to;
}

/** Floating-point sums in a different order. All other results are bit-identical. */
const ALLOWED: Record<string, number> = { gaussian: 1, shearY: 1 };

const groups = new Map<string, Row[]>();
for (const row of rows) {
  const name = [row.change, row.interpolation].filter((part) => part !== null).join(', ');
  groups.set(name, [...(groups.get(name) ?? []), row]);
}
for (const [name, group] of groups)
  test(`${name} equals the reference (${group.length} arguments)`, () => {
    for (const row of group) {
      const before = Buffer.from(source);
      const [actual, expected] = [made(row), bytes(row.pixels)];
      assert.equal(before.compare(source), 0, 'the source is left alone');
      assert.equal(actual.length, expected.length);
      const differences = actual.map((value, at) => Math.abs(value - (expected[at] ?? 0)));
      const most = Math.max(...differences);
      const wrong = differences.filter((difference) => difference > 0).length;
      assert.ok(
        most <= (ALLOWED[row.change] ?? 0),
        `${row.change} ${row.argument} ${row.fill}: ${wrong} values differ, by at most ${most}`,
      );
    }
  });

test('equalize and autocontrast keep an image of one colour', () => {
  for (const [name, pixels] of Object.entries(flat)) {
    const to = dirty();
    assert.ok(isPolicyChange(name));
    changes[name](new Uint8Array(source.length).fill(77), to, 0, { interpolation: 'nearest', fill: [0, 0, 0] });
    assert.deepEqual(to, bytes(pixels));
  }
});

const builtSpaces = {
  trivial: SPACES.trivial(31),
  randaugment: SPACES.randaugment(31, size),
  autoaugment: SPACES.autoaugment(size),
  augmix: SPACES.augmix(size),
};
for (const [name, space] of Object.entries(builtSpaces))
  test(`the levels of ${name} are torchvision’s`, () => {
    const lower = (word: string) => (word === 'AutoContrast' ? 'autocontrast' : word[0]?.toLowerCase() + word.slice(1));
    const expected = Object.fromEntries(Object.entries(levels[name] ?? {}).map(([key, value]) => [lower(key), value]));
    const actual = Object.fromEntries(
      Object.entries(space).map(([key, level]) => [
        key,
        level && Array.from({ length: expected[key]?.length ?? 0 }, (_, at) => level.at(at)),
      ]),
    );
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
    for (const [key, values] of Object.entries(expected))
      if (values === null) assert.equal(actual[key], null);
      else
        for (const [at, value] of values.entries())
          assert.ok(
            Math.abs((actual[key]?.[at] ?? Number.NaN) - value) <= 4e-6 * Math.abs(value),
            `${key} ${at}: ${actual[key]?.[at]}, not ${value}`,
          );
  });

/** From timm's names to ours. */
const RENAMED: Record<string, TimmName> = {
  AutoContrast: 'autocontrast',
  TranslateXRel: 'translateX',
  TranslateYRel: 'translateY',
  GaussianBlur: 'blur',
};
const isTimmName = (name: string): name is TimmName => Object.hasOwn(TIMM_LEVELS, name);
test('magnitudes give timm’s arguments', () => {
  const magnitudes = [0, 3.3, 7, 9, 10];
  for (const [name, expected] of Object.entries(timmLevels)) {
    const ours = RENAMED[name] ?? name[0]?.toLowerCase() + name.slice(1);
    assert.ok(isTimmName(ours), name);
    const { argument, change } = TIMM_LEVELS[ours];
    for (const [at, magnitude] of magnitudes.entries()) {
      const draws = [0, 0.9].map((drawn) =>
        argument(magnitude, { random: { ...random, uniform: () => drawn }, size, shift: 0.45 }),
      );
      const wanted = expected[at];
      if (wanted === null || wanted === undefined) continue;
      // Translations are in pixels here, shares in timm; the sign is random in timm.
      const scale = change === 'translateX' || change === 'translateY' ? size : 1;
      const desaturated = ours === 'desaturate' ? 1 - wanted : wanted;
      assert.ok(
        draws.some((value) => Math.abs(Math.abs(value) - desaturated * scale) < 1e-9),
        `${name} at ${magnitude}: ${draws}, not ${wanted}`,
      );
    }
  }
});
