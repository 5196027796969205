/** Sweeps of several shapes, submitted as a user would, and finished in SQL. */
import { summariseCurves } from '@ablate/db';
import pg from 'pg';
import type { Installation } from '../queue/installation.ts';

/** Configs are the product of four axes of equal length, so `configs` is a fourth power or close to it. */
export const SHAPES = [
  { name: 'small', levels: [2, 2, 1, 1], configs: 4, seeds: 3 },
  { name: 'single', levels: [10, 1, 1, 1], configs: 10, seeds: 1 },
  { name: 'medium', levels: [5, 5, 8, 1], configs: 200, seeds: 5 },
  { name: 'large', levels: [10, 10, 10, 10], configs: 10_000, seeds: 10 },
] as const;
type ShapeName = (typeof SHAPES)[number]['name'];

export type Filled = { ids: Record<ShapeName, string>; runs: number; points: number };

/** Steps of a run, and steps in a chunk of two metrics: as many points as the worker packs into one. */
const STEPS = 5_000;
const CHUNK_STEPS = 36;

/** Sweeps beside those that are measured, for the list. */
const OTHERS = 200;

/** A grid over four axes with so many levels each. */
export const gridSpec = (name: string, levels: readonly number[], seeds: number) => {
  const [rates = 1, decays = 1, smoothings = 1, norms = 1] = levels;
  const values = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));
  return {
    version: 1,
    name,
    dataset: { name: 'cifar10', samples: 2500 },
    model: { family: 'vit', width: 32, depth: 1, heads: 2 },
    seeds: values(seeds, (i) => i + 1),
    space: {
      'train.optimizer.learningRate': values(rates, (i) => 0.001 * (i + 1)),
      'train.optimizer.weightDecay': values(decays, (i) => 0.01 * (i + 1)),
      'train.labelSmoothing': values(smoothings, (i) => 0.01 * i),
      'train.clipNorm': values(norms, (i) => i + 1),
    },
  };
};

/** Every queued run has succeeded: an attempt of a minute, and accuracies around a config's own. */
export const FINISH = [
  `INSERT INTO attempt (run_id, number, worker, started_at, ended_at, cause, total_steps, epochs, dataset_hash, compiled, notes, environment)
   SELECT run.id, 1, 'bench', now() - interval '2 minutes', now() - interval '1 minute', 'completed', ${STEPS}, 50, 'abc', true, '{a note}',
     '{"code": "0123abc", "lockfile": "fff", "device": "CPU"}' FROM run WHERE run.state = 'queued' AND run.sweep_id = $1`,
  `UPDATE run SET state = 'running', attempt = 1, heartbeat_at = now() WHERE sweep_id = $1`,
  `UPDATE run SET state = 'succeeded', cause = 'completed', started_at = now() - interval '2 minutes', finished_at = now(),
     val_accuracy = made.quality, test_accuracy = made.quality + 0.01 * (random() - 0.5), train_accuracy = made.quality + 0.1,
     val_loss = 1 - made.quality, test_loss = 1 - made.quality, best_epoch = 40, samples_per_second = 1000
   FROM (
     SELECT same.id, 0.5 + 0.05 * sin(config.position) + 0.01 * random() AS quality
     FROM run same JOIN config ON config.id = same.config_id WHERE same.sweep_id = $1
   ) made
   WHERE run.id = made.id AND run.state = 'running'`,
  'DELETE FROM outbox WHERE sweep_id = $1',
];

/** Two metrics at each step of the runs of a sweep. */
const MEASURE = `
  INSERT INTO metric_chunk (run_id, attempt, number, last, measures, steps, epochs, readings)
  SELECT run.id, 1, chunk.number, max(point.step), array_agg(point.measure), array_agg(point.step), array_agg(point.step / 100.0),
    array_agg(0.5 + 0.4 * point.step / ${STEPS} + 0.01 * sin(point.step * run.seed))
  FROM run CROSS JOIN generate_series(1, ${Math.ceil(STEPS / CHUNK_STEPS)}) AS chunk(number)
  CROSS JOIN LATERAL (
    SELECT step, measure.id AS measure
    FROM generate_series((chunk.number - 1) * ${CHUNK_STEPS} + 1, least(chunk.number * ${CHUNK_STEPS}, ${STEPS})) AS step
    CROSS JOIN measure WHERE measure.name IN ('val/accuracy', 'train/loss')
  ) point
  WHERE run.sweep_id = $1 GROUP BY run.id, chunk.number`;

export async function fill({ databaseUrl, submit }: Installation, { scale }: { scale: number }): Promise<Filled> {
  const client = new pg.Client({ connectionString: databaseUrl }); // without the time limits of a pool
  await client.connect();
  try {
    await client.query("SET statement_timeout = 0; SET work_mem = '256MB'");
    await client.query(
      "INSERT INTO measure (name) VALUES ('val/accuracy'), ('train/loss') ON CONFLICT (name) DO NOTHING",
    );
    const statement = (text: string, id: string) => client.query(text, [id]);
    const finished = async (name: string, levels: readonly number[], seeds: number): Promise<string> => {
      const id = await submit(gridSpec(name, levels, seeds));
      for (const text of FINISH) await statement(text, id);
      return id;
    };
    const ids: [string, string][] = [];
    for (const { name, levels, seeds } of SHAPES) {
      const kept =
        name === 'small' || name === 'single' || scale === 1
          ? levels
          : [levels[0], levels[1], Math.ceil(levels[2] / scale), levels[3]];
      ids.push([name, await finished(name, kept, seeds)]);
    }
    const { small = '', single = '', medium = '', large = '' } = Object.fromEntries(ids);
    for (let i = 0; i < OTHERS; i++) await submit(gridSpec(`other ${i}`, [2], 1));
    for (const id of [single, medium]) {
      await statement(MEASURE, id);
      const { rows } = await client.query<{ id: string }>('SELECT id FROM run WHERE sweep_id = $1', [id]);
      for (const run of rows) await summariseCurves(client, run.id);
    }
    await client.query('SELECT number_events(1000000)');
    await client.query('VACUUM ANALYZE');
    const { rows } = await client.query<{ runs: string; points: string }>(
      'SELECT (SELECT count(*) FROM run) AS runs, (SELECT sum(cardinality(steps)) FROM metric_chunk) AS points',
    );
    return { ids: { small, single, medium, large }, runs: Number(rows[0]?.runs), points: Number(rows[0]?.points) };
  } finally {
    await client.end();
  }
}
