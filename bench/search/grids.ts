/** Grids of results that exist: drawn from the recorded table, or from public tables. */
import { countedRandom, randomKey, shuffle } from '@ablate/random';
import { mean, pairedDifferences, pairedTest } from '@ablate/statistics';
import type { RecordedTable } from './recorded-table.ts';
import type { Optuna } from './rivals.ts';

/** Accuracies (configs, seeds, epochs), configs and seeds in random order. */
export type Grid = { values: number[][][]; epochs: number };

/** A grid of 4 × 3 configs, and its seeds. */
export const CELLS = 12;
export const GRID_SEEDS = 5;
export const DRAWS = 1000;

/** Grids of so many configs of the recorded table, on all of its seeds. */
export function recordedGrids(table: RecordedTable, configs: number): Grid[] {
  const [seed = Number.NaN] = table.seeds;
  if (table.configs.some(({ runs }) => table.seeds.some((one) => !runs.some((run) => run.seed === one))))
    throw new Error(`the table lacks runs of seeds ${seed} to ${table.seeds.at(-1)}`);
  return Array.from({ length: DRAWS }, (_, number) => {
    const random = countedRandom(randomKey(7, 'sub-grids'), [number, 0]);
    const some = (n: number, of: number): number[] => {
      const all = Int32Array.from({ length: of }, (_, i) => i);
      return [...shuffle(all, random)].slice(0, n);
    };
    const seeds = some(table.seeds.length, table.seeds.length).map((i) => table.seeds[i]);
    const rows = some(configs, table.configs.length).flatMap((row) => table.configs[row] ?? []);
    const curves = ({ runs }: RecordedTable['configs'][number]): number[][] =>
      seeds.flatMap((seed) => runs.flatMap((run) => (run.seed === seed ? [run.validation] : [])));
    return { epochs: table.epochs, values: rows.map(curves) };
  });
}

/** Tables of HPOBench: an MLP with five parameters on tabular data, 30,000 configs × 5 seeds, final accuracies only. */
export const PUBLIC_TABLES = ['car', 'phoneme', 'vehicle'] as const;

/** 4 × 3 grids of two parameters, the others at random; from each public table as many. */
export async function publicGrids(optuna: Optuna): Promise<Grid[]> {
  const count = Math.ceil(DRAWS / PUBLIC_TABLES.length);
  const grids: Grid[] = [];
  for (const table of PUBLIC_TABLES) {
    const flat = await optuna.ask({ kind: 'grids', table, count, seed: 7 });
    for (let at = 0; at < flat.length; at += CELLS * GRID_SEEDS) {
      const cell = (config: number): number[][] =>
        Array.from({ length: GRID_SEEDS }, (_, seed) => [flat[at + config * GRID_SEEDS + seed] ?? Number.NaN]);
      grids.push({ epochs: 1, values: Array.from({ length: CELLS }, (_, config) => cell(config)) });
    }
  }
  return grids.slice(0, DRAWS);
}

/** Seeds of a data set of LCDB that are used. */
const CURVE_SEEDS = 8;
/** Epochs that stand for a ninth, a third and all of the training images. */
const PARTS = [1, 3, 9];

/** Learners of scikit-learn on the data sets of LCDB (Mohr et al., ECML 2022), trained on more and more images; empty if it is not installed. */
export async function curveGrids(optuna: Optuna): Promise<Grid[]> {
  const flat = await optuna.ask({ kind: 'curves', seeds: CURVE_SEEDS, learners: 24 });
  const grids: Grid[] = [];
  for (let at = 0; at < flat.length; ) {
    const learners = flat[at++] ?? 0;
    const order = shuffle(
      Int32Array.from({ length: learners }, (_, i) => i),
      countedRandom(randomKey(7, 'curves'), [at, 0]),
    );
    const curve = (from: number): number[] =>
      Array.from({ length: 9 }, (_, epoch) => flat[from + PARTS.findIndex((until) => epoch < until)] ?? Number.NaN);
    const values = [...order].map((learner) =>
      Array.from({ length: CURVE_SEEDS }, (_, seed) => curve(at + (learner * CURVE_SEEDS + seed) * PARTS.length)),
    );
    grids.push({ epochs: 9, values });
    at += learners * CURVE_SEEDS * PARTS.length;
  }
  return grids;
}

/** Final accuracy of a config, over seeds. */
export const finals = (grid: Grid, config: number): number[] =>
  grid.values[config]!.map((epochs) => epochs[grid.epochs - 1]!);

/** The configs that a paired t test over every seed does not tell from the best. */
export function tieSet(grid: Grid): { ties: Set<number>; best: number } {
  const means = grid.values.map((_, config) => mean(finals(grid, config)));
  const best = means.indexOf(Math.max(...means));
  const bySeed = (config: number): Map<number, number> =>
    new Map(finals(grid, config).map((value, seed) => [seed, value]));
  const ties = grid.values.flatMap((_, config) => {
    const test = pairedTest(pairedDifferences(bySeed(config), bySeed(best)));
    return config === best || !test || test.p >= 0.05 ? [config] : [];
  });
  return { ties: new Set(ties), best };
}
