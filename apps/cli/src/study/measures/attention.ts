/** Where trained ViTs look: heads of the last layer, layers, rollout, and the patch that matters most. */
import { namedConfig } from '@ablate/answers';
import type { Model } from '@ablate/contracts';
import {
  encodePng,
  float,
  type Grid,
  gridsOf,
  hasClassToken,
  isSigned,
  meanGrid,
  type OpenNetwork,
  observe,
  type Picture,
  patchAttention,
  patchColumns,
  rollout,
  tile,
} from '@ablate/models';
import { toCsvText } from '@ablate/studies';
import { framed, overlay, resized } from '../../model/painting.ts';
import { withBestCheckpoint } from '../../model/run-weights.ts';
import { openNetworkOf } from '../../model/sources.ts';
import { type Measured, type MeasureInput, slug } from './measure.ts';
import { type TestImages, testImages } from './test-images.ts';

const IMAGES = 6;
/** Least side of a picture in pixels. */
const SIDE = 96;

type Network = OpenNetwork['network'];
type Vit = Extract<Model, { family: 'vit' }>;

/** Probabilities of one image's logits. */
function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const powers = [...logits].map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, at, all) => (value > (all[best] ?? 0) ? at : best), 0);

/** The same image once for each patch, with that patch in the mean colour, which is 0 after normalisation. */
function occluded(image: Float32Array, { imageSize: side, patchSize: patch }: Vit): Float32Array {
  const across = side / patch;
  const out = new Float32Array(image.length * across * across);
  for (let cell = 0; cell < across * across; cell++) {
    out.set(image, cell * image.length);
    for (let y = 0; y < patch; y++) {
      const row = Math.floor(cell / across) * patch + y;
      const from = cell * image.length + (row * side + (cell % across) * patch) * 3;
      out.fill(0, from, from + patch * 3);
    }
  }
  return out;
}

/** Which patch, covered, takes most from the probability of the predicted class. */
function mostImportant(network: Network, config: Vit, image: Float32Array) {
  const { imageSize: side, patchSize } = config;
  const cells = (side / patchSize) ** 2;
  const logitsOf = (images: Float32Array, count: number) =>
    observe(network, float([count, side, side, 3], images), () => false).get('logits')?.data ?? new Float32Array();
  const whole = softmax(logitsOf(image, 1));
  const predicted = largest(whole);
  const covered = logitsOf(occluded(image, config), cells);
  const classes = covered.length / cells;
  const drops = Array.from(
    { length: cells },
    (_, cell) =>
      (whole[predicted] ?? 0) - (softmax(covered.subarray(cell * classes, (cell + 1) * classes))[predicted] ?? 0),
  );
  const cell = largest(drops);
  return { predicted, cell, drop: drops[cell] ?? 0 };
}

type Looked = { files: Measured; rows: (string | number)[][] };

/** The pictures of one network, and a row for each image. */
function look(network: Network, config: Vit, { pictures, images, labels, classes }: TestImages, name: string): Looked {
  const cls = hasClassToken(config);
  const signed = isSigned(config);
  const seen = observe(network, images, (layer) => layer.startsWith('attention.'));
  const maps = Array.from({ length: config.depth }, (_, layer) => seen.get(`attention.${layer}`)).filter(
    (map) => map !== undefined,
  );
  const attended = maps.map((map) => patchAttention(map, { cls }));
  const rolled = patchColumns(rollout(maps, { fusion: 'mean', discard: 0, query: cls ? 'cls' : 'mean' }), { cls });
  const painted = (picture: Picture, grid: Grid, inTwo = signed) =>
    overlay(picture, grid, { signed: inTwo, side: SIDE });
  const plain = (picture: Picture, like: Picture) => resized(picture, like.width, like.height);
  const sheet = (row: (picture: Picture, image: number) => Picture[]) => {
    const rows = pictures.map((picture, image) => row(picture, image));
    return encodePng(tile(rows.flat(), { columns: rows[0]?.length ?? 1 }));
  };
  const withPlain = (picture: Picture, grids: readonly Grid[]) => {
    const over = grids.map((grid) => painted(picture, grid));
    return [...over.slice(0, 1).map((first) => plain(picture, first)), ...over];
  };
  const last = attended.at(-1);
  const size = images.data.length / pictures.length;
  const rows: (string | number)[][] = [];
  const files: Measured = new Map();
  const prefix = name === '' ? '' : `${slug(name)}-`;
  if (last)
    files.set(
      `${prefix}1-heads-of-the-last-layer-and-their-mean.png`,
      sheet((picture, image) => {
        const heads = gridsOf(last, image);
        return withPlain(picture, [...heads, meanGrid(heads)]);
      }),
    );
  files.set(
    `${prefix}2-mean-of-the-heads-of-each-layer.png`,
    sheet((picture, image) =>
      withPlain(
        picture,
        attended.map((layer) => meanGrid(gridsOf(layer, image))),
      ),
    ),
  );
  files.set(
    `${prefix}3-rollout-with-the-most-attended-patch-and-the-patch-that-matters-most.png`,
    sheet((picture, image) => {
      const [grid] = gridsOf(rolled, image);
      if (!grid) return [];
      const over = painted(picture, grid, false);
      const base = plain(picture, over);
      const found = mostImportant(network, config, images.data.subarray(image * size, (image + 1) * size));
      const attendedCell = largest(grid.data);
      const at = (cell: number) => `row ${Math.floor(cell / grid.columns) + 1}, column ${(cell % grid.columns) + 1}`;
      rows.push([
        ...(name === '' ? [] : [name]),
        ...[labels[image] ?? '', classes[found.predicted] ?? '', at(attendedCell)],
        ...[Number(((100 * (grid.data[attendedCell] ?? 0)) / grid.data.reduce((a, b) => a + b, 0)).toFixed(1))],
        ...[at(found.cell), Number((100 * found.drop).toFixed(1))],
      ]);
      return [base, over, framed(base, grid, attendedCell), framed(base, grid, found.cell)];
    }),
  );
  return { files, rows };
}

/** The configs to look at: the two of the study's first claim, side by side; else the first one. */
function chosen({ study, trained }: MeasureInput): MeasureInput['trained'] {
  const [claim] = study.text.claims;
  if (claim === undefined) return trained.slice(0, 1);
  return [claim.than, claim.config].flatMap((name) => namedConfig(trained, name) ?? []);
}

export async function measureAttention(input: MeasureInput): Promise<Measured> {
  const { study, choice, context } = input;
  const written = study.sweeps[0]?.spec.dataset;
  const files: Measured = new Map();
  const configs = chosen(input);
  if (written === undefined || configs.length === 0) return files;
  const dataset = choice.dataset === undefined ? written : { ...written, name: choice.dataset };
  const images = await testImages(dataset, IMAGES, context);
  const rows: (string | number)[][] = [];
  for (const { name, runId } of configs)
    await withBestCheckpoint(runId, context, async (weights) => {
      const { network } = await openNetworkOf({ weights, interpolatePositions: false }, context);
      try {
        if (network.config.family !== 'vit') return;
        const seen = look(network, network.config, images, configs.length > 1 ? name : '');
        for (const [file, content] of seen.files) files.set(file, content);
        rows.push(...seen.rows);
      } finally {
        network.dispose();
      }
    });
  const columns = [
    ...(configs.length > 1 ? ['config'] : []),
    ...['image', 'predicted', 'most attended patch', 'of the attention, %'],
    ...['patch that matters most', 'probability that it takes, points'],
  ];
  files.set('which-patch-matters-most.csv', toCsvText({ columns, rows }));
  return files;
}
