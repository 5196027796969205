import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '@ablate/files';
import { curves, heatMap, intervals, linear, SERIES, seriesDash, stack, tickFormat } from '@ablate/plots';

const TAGS = /<(\/?)([a-z]+)((?: [a-z-A-Z]+="[^"<>]*")*)(\/?)>/g;

/** The names of the elements of well-formed XML without comments; fails if it is not. */
function elementsOf(svg: string): string[] {
  const open: string[] = [];
  const found: string[] = [];
  const rest = svg.replace(TAGS, (_, closes: string, name: string, __, empty: string) => {
    if (closes) assert.equal(open.pop(), name, 'elements are closed in order');
    else {
      found.push(name);
      if (!empty) open.push(name);
    }
    return '';
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!(?:amp|lt|gt|quot|#39);)/, 'what is not an element is escaped text');
  return found;
}

const HOSTILE = '<script>alert("1")</script> & \u0000 \uD800 \u202E';

test('curves are well-formed SVG with escaped text, a band, a legend and a description', () => {
  const svg = curves({
    title: HOSTILE,
    xLabel: 'epoch',
    yLabel: HOSTILE,
    curves: [
      { name: HOSTILE, points: [0, 1, 2].map((x) => ({ x, y: x, low: x - 0.5, high: x + 0.5 })) },
      {
        name: 'validation',
        dashed: true,
        points: [
          { x: 0, y: 2 },
          { x: 1, y: null },
          { x: 2, y: 1 },
        ],
      },
    ],
  });
  const names = elementsOf(svg);
  assert.ok(!names.includes('script'));
  assert.match(svg, /&lt;script&gt;/);
  assert.match(svg, /<desc>.* from 0\.0 to 2\.0;/);
  assert.match(svg, new RegExp(`fill="${SERIES[0]}" fill-opacity`));
  assert.match(svg, /stroke-dasharray="6 4"/);
});

test('a curve without finite points is drawn as no points', () => {
  const none = curves({
    title: 'loss',
    xLabel: 'epoch',
    yLabel: 'loss',
    curves: [
      {
        name: 'diverged',
        points: [
          { x: 1, y: Number.NaN },
          { x: 2, y: Number.POSITIVE_INFINITY },
        ],
      },
    ],
  });
  elementsOf(none);
  assert.match(none, /no points yet/);
  assert.doesNotMatch(none, /NaN|Infinity/);
});

test('intervals have a zero line, a mark with its word, and a dot for each seed', () => {
  const svg = intervals({
    title: 'orders',
    xLabel: 'points',
    margin: 0.5,
    rows: [
      { name: 'v1', mark: 'baseline', word: 'baseline', difference: 0, interval: null, dots: [] },
      { name: 'v2', mark: 'worse', word: 'worse', difference: -2, interval: { low: -3, high: -1 }, dots: [-2.5, -1.5] },
      { name: HOSTILE, mark: 'none', word: 'no result', difference: null, interval: null, dots: [] },
    ],
  });
  elementsOf(svg);
  assert.equal(svg.match(/<circle/g)?.length, 2);
  assert.match(svg, />worse<\/text>/);
  const zero = /M([\d.]+) 36V\d+" stroke="#4d5a68"/.exec(svg)?.[1];
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  assert.ok(
    dots.every((x) => x < Number(zero)),
    'negative differences lie left of the zero line',
  );
});

test('a heat map colours by value and prints numbers where there is room', () => {
  const small = heatMap({
    title: 'similarity',
    rows: ['a', 'b'],
    columns: ['x', 'y'],
    values: [
      [0, 1],
      [null, 0.5],
    ],
  });
  elementsOf(small);
  assert.match(small, /rgb\(244,247,250\)/);
  assert.match(small, /rgb\(0,70,124\)/);
  assert.match(small, />0\.5<\/text>/);
  const names = Array.from({ length: 64 }, () => '');
  const large = heatMap({
    title: 'similarity',
    rows: names,
    columns: names,
    values: names.map(() => names.map((_, i) => i)),
  });
  assert.equal(large.match(/<text/g)?.length, 1 + 64, 'no numbers in small cells');
});

test('the colours are the light colours of the pages', () => {
  const tokens = readFileSync(join(REPOSITORY, 'apps/web/src/theme/tokens.css'), 'utf8');
  const light = [...tokens.matchAll(/--series-\d: light-dark\((#[0-9a-f]{6})/g)].map(([, color]) => color);
  assert.deepEqual(light, [...SERIES]);
});

test('the ticks of an axis have as many decimals as they need, all the same number', () => {
  const written = (ticks: readonly number[], factor?: number) => ticks.map(tickFormat(ticks, factor));
  assert.deepEqual(written([0.5, 1, 1.5]), ['0.5', '1.0', '1.5']);
  assert.deepEqual(written([0.775, 0.8, 0.825], 100), ['77.5', '80.0', '82.5']);
  assert.deepEqual(written([-0.05, 0, 0.05], 100), ['−5', '0', '5']);
  assert.deepEqual(written([5e6, 1e7, 1.5e7]), ['5 M', '10 M', '15 M']);
  assert.deepEqual(written([500_000, 1_500_000]), ['500.0 k', '1.5 M']);
  assert.deepEqual(written([0, 2e-7, 1e-6]), ['0', '2e−7', '1e−6']);
  const { ticks, format } = linear([0, 0.3], [0, 100], 4);
  assert.deepEqual(ticks.map(format), ['0.0', '0.1', '0.2', '0.3']);
});

test('configs of one colour have different lines', () => {
  const looks = Array.from(
    { length: 4 * SERIES.length },
    (_, i) => `${SERIES[i % SERIES.length]} ${seriesDash(i).join()}`,
  );
  assert.equal(new Set(looks).size, looks.length);
});

test('images stand one below the other', () => {
  const one = heatMap({ title: 'a', rows: ['r'], columns: ['c'], values: [[1]] });
  const both = stack([one, one]);
  elementsOf(both);
  const [, height] = /viewBox="0 0 \S+ (\d+)"/.exec(one) ?? [];
  assert.match(both, new RegExp(`<svg y="${height}" `));
  assert.match(both, new RegExp(`^<svg [^>]*height="${2 * Number(height)}"`));
});
