/** Confusion over the runs of a config, or of two configs, from the stored predictions. */
import { setImmediate } from 'node:timers/promises';
import type { CellImages, ConfusionSide, ConfusionView, PredictedSplit } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';
import { refusal } from './refusal.ts';

/** One run, or all seeds of a config; `with` is the config on the other side. */
export type ConfusionSubject = {
  split: PredictedSplit;
  run?: string | undefined;
  config?: string | undefined;
  with?: string | undefined;
};

const RunRow = z.object({
  id: z.string(),
  seed: z.int(),
  configId: z.string(),
  position: z.int(),
  axes: z.record(z.string(), z.unknown()),
  sweepId: z.string(),
  sweep: z.string(),
  imageSetId: z.string(),
  data: z.instanceof(Uint8Array),
});
type RunRow = z.infer<typeof RunRow>;

const ImageSetRow = z.object({
  id: z.string(),
  images: z.int(),
  width: z.union([z.literal(1), z.literal(2)]),
  classes: z.array(z.string()),
  labels: z.instanceof(Uint8Array),
  indices: z.array(z.int()).nullable(),
});
type ImageSet = z.infer<typeof ImageSetRow>;

type Side = { rows: RunRow[]; view: Pick<ConfusionSide, 'sweep' | 'configId' | 'position' | 'axes' | 'runs'> };

/** Whole numbers of one byte, or of two, big-endian. */
const numberAt = (bytes: Uint8Array, width: 1 | 2, i: number): number =>
  width === 1 ? (bytes[i] ?? 0) : 256 * (bytes[2 * i] ?? 0) + (bytes[2 * i + 1] ?? 0);

/** Predictions of a run: the classes, then confidences of one byte, then ranks. */
const predictedAt = ({ data }: RunRow, { width }: ImageSet, i: number): number => numberAt(data, width, i);
const confidenceAt = ({ data }: RunRow, { images, width }: ImageSet, i: number): number =>
  (data[images * width + i] ?? 0) / 255;
const rankAt = ({ data }: RunRow, { images, width }: ImageSet, i: number): number =>
  numberAt(data.subarray(images * width + images), width, i) + 1;

/** The runs of one side. Refuses (`not_found`) an unknown run or config, and one without predictions. */
async function readSide(
  context: Context,
  { of, id, split, whole }: { of: 'run' | 'config'; id: string; split: PredictedSplit; whole: boolean },
): Promise<Side> {
  const rows = await queryRows(
    context.db.pool,
    RunRow,
    `SELECT run.id, run.seed, run.config_id AS "configId", config.position, config.axes, run.sweep_id AS "sweepId",
       sweep.name AS sweep, prediction.image_set_id AS "imageSetId",
       CASE WHEN $3 THEN prediction.data ELSE substring(prediction.data FROM 1 FOR set.images * set.width) END AS data
     FROM run JOIN config ON config.id = run.config_id JOIN sweep ON sweep.id = run.sweep_id
     JOIN prediction ON prediction.run_id = run.id AND prediction.attempt = run.attempt
     JOIN image_set set ON set.id = prediction.image_set_id
     WHERE run.${of === 'run' ? 'id' : 'config_id'} = $1 AND run.state = 'succeeded' AND prediction.split = $2 ORDER BY run.seed`,
    [id, split, whole],
  );
  const [first] = rows;
  if (first === undefined) {
    if (of === 'run') await requireRun(context, id);
    else if ((await context.db.prisma.config.count({ where: { id } })) === 0) throw refusal.unknown('config', id);
    throw refusal.noPredictions(`${of} ${id}`, split);
  }
  const { sweepId, sweep, configId, position, axes } = first;
  return {
    rows,
    view: {
      ...{ sweep: { id: sweepId, name: sweep }, configId, position, axes },
      runs: rows.map(({ id: runId, seed }) => ({ id: runId, seed })),
    },
  };
}

/** Both sides with the image sets of their runs. With `whole`, also confidences and ranks are read. Refuses (`conflict`) sides whose classes differ. */
async function readSides(context: Context, { split, run, config, with: other }: ConfusionSubject, whole: boolean) {
  const asked = [
    run !== undefined ? { of: 'run' as const, id: run } : { of: 'config' as const, id: config ?? '' },
    ...(other === undefined ? [] : [{ of: 'config' as const, id: other }]),
  ];
  const sides = await Promise.all(asked.map((one) => readSide(context, { ...one, split, whole })));
  const ids = [...new Set(sides.flatMap(({ rows }) => rows.map(({ imageSetId }) => imageSetId)))];
  const sets = new Map(
    (
      await queryRows(
        context.db.pool,
        ImageSetRow,
        'SELECT id, images, width, classes, labels, indices FROM image_set WHERE id = ANY ($1)',
        [ids],
      )
    ).map((set) => [set.id, set]),
  );
  const setOf = ({ imageSetId }: RunRow): ImageSet => {
    const set = sets.get(imageSetId);
    if (set === undefined) throw refusal.noPredictions(`image set ${imageSetId}`, split);
    return set;
  };
  const classes = [...sets.values()][0]?.classes ?? [];
  for (const set of sets.values())
    if (set.classes.length !== classes.length || set.classes.some((name, i) => name !== classes[i]))
      throw refusal.otherClasses();
  return { sides, setOf, classes };
}

/** Every run of both sides with its images. Other requests are answered between two runs: a config may have a hundred. */
async function* runsOf(sides: readonly Side[], setOf: (row: RunRow) => ImageSet) {
  for (const [side, { rows }] of sides.entries())
    for (const row of rows) {
      yield { side, row, set: setOf(row) };
      await setImmediate();
    }
}

/** Cells of a matrix of 100 classes, twice. Of more classes, the rarest confusions are left out. */
const MAX_CELLS = 20_000;

/**
 * The confusion matrix of a run, or the sum over all seeds of a config, beside that of another config. Refuses (`not_found`) an unknown id and
 * one without predictions, (`conflict`) configs whose classes differ.
 */
export async function confusion(context: Context, subject: ConfusionSubject): Promise<ConfusionView> {
  const { sides, setOf, classes } = await readSides(context, subject, false);
  const counts = new Map<number, number[]>();
  const totals = sides.map(() => ({ images: 0, correct: 0 }));
  for await (const { side, row, set } of runsOf(sides, setOf)) {
    const total = totals[side];
    for (let i = 0; i < set.images; i++) {
      const [label, predicted] = [numberAt(set.labels, set.width, i), predictedAt(row, set, i)];
      const key = label * classes.length + predicted;
      const found = counts.get(key) ?? sides.map(() => 0);
      found[side] = (found[side] ?? 0) + 1;
      counts.set(key, found);
      if (total && label === predicted) total.correct++;
    }
    if (total) total.images += set.images;
  }
  const cells = [...counts].map(([key, n]) => ({
    label: Math.floor(key / classes.length),
    predicted: key % classes.length,
    n,
  }));
  const weight = ({ label, predicted, n }: (typeof cells)[number]) =>
    label === predicted ? Number.MAX_SAFE_INTEGER : Math.max(...n);
  const kept = cells.length > MAX_CELLS ? cells.sort((a, b) => weight(b) - weight(a)).slice(0, MAX_CELLS) : cells;
  return {
    split: subject.split,
    classes,
    sides: sides.map(({ view }, side) => ({
      ...view,
      images: totals[side]?.images ?? 0,
      correct: totals[side]?.correct ?? 0,
    })),
    cells: kept.sort((a, b) => a.label - b.label || a.predicted - b.predicted),
    omitted: cells.length - kept.length,
  };
}

type Tally = { runs: number; votes: number; confidence: number; ranks: number };

/**
 * The images of one cell: of true class `label`, and taken for `predicted` by at least one run. First those that the most runs take for it; of
 * two sides, those on which they differ most. Refuses as `confusion` does.
 */
export async function cellImages(
  context: Context,
  { label, predicted, limit, ...subject }: ConfusionSubject & { label: number; predicted: number; limit: number },
): Promise<CellImages> {
  const { sides, setOf } = await readSides(context, subject, true);
  if (new Set(sides.map(({ rows }) => rows[0]?.imageSetId)).size > 1) throw refusal.otherImages();
  const images = new Map<number, Tally[]>();
  for await (const { side, row, set } of runsOf(sides, setOf))
    for (let i = 0; i < set.images; i++) {
      if (numberAt(set.labels, set.width, i) !== label) continue;
      const image = set.indices?.[i] ?? i;
      const tallies = images.get(image) ?? sides.map(() => ({ runs: 0, votes: 0, confidence: 0, ranks: 0 }));
      images.set(image, tallies);
      const tally = tallies[side];
      if (tally === undefined) continue;
      tally.runs++;
      tally.ranks += rankAt(row, set, i);
      if (predictedAt(row, set, i) !== predicted) continue;
      tally.votes++;
      tally.confidence += confidenceAt(row, set, i);
    }
  const inCell = [...images].filter(([, tallies]) => tallies.some(({ votes }) => votes > 0));
  const share = ({ votes, runs }: Tally) => (runs === 0 ? 0 : votes / runs);
  const order = ([, tallies]: (typeof inCell)[number]) => {
    const shares = tallies.map(share);
    const sure = tallies.reduce((sum, { confidence }) => sum + confidence, 0) / 1000;
    return (shares.length === 1 ? (shares[0] ?? 0) : Math.abs((shares[0] ?? 0) - (shares[1] ?? 0))) + sure;
  };
  const items = inCell.sort((a, b) => order(b) - order(a) || a[0] - b[0]).slice(0, limit);
  return {
    total: inCell.length,
    runId: sides[0]?.rows[0]?.id ?? '',
    items: items.map(([image, tallies]) => ({
      image,
      sides: tallies.map(({ runs, votes, confidence, ranks }) => ({
        ...{ runs, votes },
        confidence: votes === 0 ? null : confidence / votes,
        rank: runs === 0 ? 1 : ranks / runs,
      })),
    })),
  };
}
