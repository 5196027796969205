/** `compare` and `find` on results that exist: what they cost, and what they lose against training everything. */
import { FindSearch, Space } from '@ablate/contracts';
import { type Problem, type Rung, rungsOf, simulate, type Task } from '@ablate/search';
import { mean, median } from '@ablate/statistics';
import { sampleSpace } from './functions.ts';
import {
  CELLS,
  curveGrids,
  DRAWS,
  finals,
  GRID_SEEDS,
  type Grid,
  PUBLIC_TABLES,
  publicGrids,
  recordedGrids,
  tieSet,
} from './grids.ts';
import { readTable, TABLE_FILE } from './recorded-table.ts';
import type { Measured } from './results.ts';
import type { Optuna } from './rivals.ts';

/** A point of accuracy. */
const POINT = 0.01;
const WORKERS = 4;

/** Over draws: cost against training all, and what the winner loses. */
type Losses = { cost: number; inTies: number; same: number; lost: number };

function losses(
  grids: readonly Grid[],
  choose: (grid: Grid, number: number) => { winner: number; cost: number },
): Losses {
  const sum: Losses = { cost: 0, inTies: 0, same: 0, lost: 0 };
  for (const [number, grid] of grids.entries()) {
    const { ties, best } = tieSet(grid);
    const { winner, cost } = choose(grid, number);
    sum.cost += cost / grids.length;
    if (ties.has(winner)) sum.inTies += 1 / grids.length;
    if (winner === best) sum.same += 1 / grids.length;
    if (mean(finals(grid, best)) - mean(finals(grid, winner)) > POINT) sum.lost += 1 / grids.length;
  }
  return sum;
}

const valueAt = (grid: Grid, config: number, { seed, epochs }: Task): number =>
  grid.values[config]![(seed - 1) % grid.values[config]!.length]![(epochs ?? grid.epochs) - 1]!;

const winnerOf = (log: ReturnType<typeof simulate>['log']): number => {
  const last = log.at(-1)?.decision;
  return last?.kind === 'finish' ? (last.winner ?? 0) : 0;
};

/** A race of a 4 × 3 grid over five seeds; the truth is that of these five. */
function compareRace(grids: readonly Grid[]): { cost: number; same: number } {
  let [cost, same] = [0, 0];
  for (const whole of grids) {
    const grid = { ...whole, values: whole.values.map((seeds) => seeds.slice(0, GRID_SEEDS)) };
    const problem: Problem = {
      identity: 'recorded',
      compare: {
        search: { maxSeeds: GRID_SEEDS, alpha: 0.05 },
        ...{ configs: CELLS, baseline: 0, seeds: [1, 2, 3], direction: 1, margin: 0.005 },
      },
    };
    const { log } = simulate(problem, {
      ...{ count: 4, commit: 'completed', secondsOf: () => 1 },
      resultOf: (task) => valueAt(grid, task.config, task),
    });
    const means = grid.values.map((_, config) => mean(finals(grid, config)));
    cost += log.filter(({ decision }) => decision.kind === 'train').length / (grids.length * CELLS * GRID_SEEDS);
    if (means[winnerOf(log)] === Math.max(...means)) same += 1 / grids.length;
  }
  return { cost, same };
}

type Found = { winner: number; epochs: number; toTarget: number };

/**
 * `find` with four workers over the configs of a grid, drawn without a model: what rungs and confirmation do alone. `toTarget`: epochs that all workers had
 * trained when the first config of the tie set was trained to the end.
 */
function findIn(grid: Grid, number: number, rungs: readonly Rung[], leastEpochs = 1): Found {
  const configs = grid.values.length;
  const space = sampleSpace(Space.parse({ 'train.config': Array.from({ length: configs }, (_, i) => i) }));
  const length = { epochs: grid.epochs, images: 1, leastEpochs };
  const problem: Problem = {
    identity: 'recorded',
    find: {
      search: FindSearch.parse({
        method: 'find',
        samples: configs,
        seed: number,
        sampler: 'random',
        parallel: WORKERS,
      }),
      ...{ space, baseline: null, seeds: [1, 2, 3], direction: 1, margin: 0.005, rungs, budget: {} },
      lengthOf: () => length,
    },
  };
  const { ties } = tieSet(grid);
  const indexOf = ({ axes }: Task): number => Number(axes['train.config']);
  /** By run: until which epoch it is trained, and when that ends; an epoch takes one unit of time. */
  const trained = new Map<number, { until: number; end: number }>();
  const tasks: { start: number; epochs: number }[] = [];
  let [now, toTarget] = [0, Number.POSITIVE_INFINITY];
  const { log } = simulate(problem, {
    ...{ count: WORKERS, commit: 'completed' },
    secondsOf: (task) => {
      const until = task.epochs ?? grid.epochs;
      const epochs = until - (trained.get(task.run)?.until ?? 0);
      trained.set(task.run, { until, end: now + epochs });
      tasks.push({ start: now, epochs });
      return epochs;
    },
    resultOf: (task) => {
      const config = indexOf(task);
      now = trained.get(task.run)?.end ?? now;
      if ((task.epochs ?? grid.epochs) === grid.epochs && ties.has(config))
        toTarget = Math.min(
          toTarget,
          tasks.reduce((sum, { start, epochs }) => sum + Math.min(epochs, now - start), 0),
        );
      return valueAt(grid, config, task);
    },
  });
  const epochs = tasks.reduce((sum, task) => sum + task.epochs, 0);
  const winner = log.flatMap(({ decision }) =>
    decision.kind === 'config' && decision.config === winnerOf(log) ? [Number(decision.axes['train.config'])] : [],
  );
  return { winner: winner[0] ?? 0, epochs, toTarget };
}

/** The two best after one epoch, trained fully with three seeds: what any method with rungs has to beat (arXiv 2307.15422). */
function topAfterOneEpoch(grid: Grid): { winner: number; epochs: number } {
  const configs = grid.values.map((_, i) => i);
  const top = configs.sort((a, b) => grid.values[b]![0]![0]! - grid.values[a]![0]![0]!).slice(0, 2);
  const score = (config: number): number => mean(finals(grid, config).slice(0, 3));
  const [a = 0, b = 0] = top;
  return { winner: score(a) >= score(b) ? a : b, epochs: configs.length - 2 + 2 * 3 * grid.epochs };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const words = ({ cost, inTies, same, lost }: Losses): string =>
  `${percent(cost)} of the cost, in the tie set ${percent(inTies)}, the best ${percent(same)}, > 1 point lost ${percent(lost)}`;
const withinLimits = ({ inTies, lost }: Losses): boolean => inTies >= 0.98 && lost <= 0.03;
const LIMITS = 'in the tie set ≥ 98 %, > 1 point lost ≤ 3 %';

type Row = Omit<Measured, 'peer' | 'target' | 'met'> & Partial<Measured>;

/** `compare`, and `find` with rungs of seeds, on grids of 12 configs. */
function seedRows(grids: readonly Grid[], source: string): Row[] {
  const shared = { measure: 'table', n: `${grids.length} grids` } as const;
  const race = compareRace(grids);
  const epochs = grids[0]?.epochs ?? 1;
  const rungs = rungsOf({ epochs: 1, images: 1, leastEpochs: 1 }, 3, CELLS).map((rung) => ({
    ...rung,
    samples: epochs,
  }));
  const found = losses(grids, (grid, number) => {
    const { winner, epochs } = findIn(grid, number, rungs);
    return { winner, cost: epochs / (CELLS * GRID_SEEDS * grid.epochs) };
  });
  return [
    {
      ...{ ...shared, what: `\`compare\`, 12 configs × 5 seeds of ${source}` },
      measured: `${percent(race.cost)} of the cost, same winner ${percent(race.same)}`,
      ...{ peer: 'grid 100 %', target: '≤ 88 %, ≥ 99 %', met: race.cost <= 0.88 && race.same >= 0.99 },
    },
    {
      ...{ ...shared, what: `\`find\` on seeds only, 12 configs of ${source}, against 5 seeds of all` },
      ...{ measured: words(found), peer: 'SMAC-like 33–35 %, > 1 point lost 9–14 %' },
      ...{ target: `≤ 45 % of the cost, ${LIMITS}`, met: found.cost <= 0.45 && withinLimits(found) },
    },
  ];
}

/** Epochs until a config of the tie set is trained to the end, with four workers. */
async function targetRow(grids: readonly Grid[], optuna: Optuna): Promise<Row> {
  const request = grids.map((grid) => ({
    // Of the first seed, as ours.
    values: grid.values.map(([curve = []]) => curve),
    ties: [...tieSet(grid).ties],
  }));
  type Times = { name: string; middle: number; late: number };
  const timesOf = (name: string, epochs: readonly number[]): Times => {
    const sorted = epochs.map((one) => (one < 0 ? Number.POSITIVE_INFINITY : one)).sort((a, b) => a - b);
    return { name, middle: median(sorted), late: sorted[Math.floor(0.9 * sorted.length)] ?? Number.NaN };
  };
  const rivals: Times[] = [];
  for (const rival of ['optuna', 'ray'])
    for (const grace of [1, 2, 4]) {
      const epochs = await optuna.ask({ kind: 'race', rival, grace, workers: WORKERS, grids: request });
      rivals.push(timesOf(`${rival}, grace ${grace}`, epochs));
    }
  /** From a rung that search of more configs begins with, as the peers do, or with the rungs of a search of these. */
  const ours = (name: string, configs: number): Times =>
    timesOf(
      name,
      grids.map((grid, number) => {
        const length = { epochs: grid.epochs, images: 1, leastEpochs: 2 };
        return findIn(grid, number, rungsOf(length, 3, configs), length.leastEpochs).toTarget;
      }),
    );
  /** A scheduler that knows the best config: all before it get the first rung only, and nothing interrupts it. */
  const knowing = median(
    grids.map((grid) => {
      const first = Math.min(...tieSet(grid).ties);
      return WORKERS * (2 * Math.floor(first / WORKERS) + grid.epochs);
    }),
  );
  const own = ours('with the rungs of `find`', grids[0]?.values.length ?? 0);
  const whole = (epochs: number): string => (Number.isFinite(epochs) ? String(epochs) : 'never');
  const words = ({ name, middle, late }: Times): string => `${name}: ${whole(middle)} and ${whole(late)}`;
  const best = Math.min(...rivals.map(({ middle }) => middle));
  return {
    ...{ measure: 'table', n: `${grids.length} orders` },
    what: 'epochs until a config of the tie set is trained, median and nine of ten, ASHA, 4 simulated workers',
    measured: [own, ours('from epoch 2', Number.POSITIVE_INFINITY)].map(words).join('; '),
    peer: `${rivals.map(words).join('; ')}; one that knows the answer, from epoch 2: ${knowing}`,
    ...{ target: 'median ≤ 0.8 × the best', met: own.middle <= 0.8 * best },
  };
}

/** `find` where parts of the training are parts of the images: other models and data than ours. */
function curveRow(grids: readonly Grid[]): Row {
  const found = losses(grids, (grid, number) => {
    const rungs = rungsOf({ epochs: grid.epochs, images: 1, leastEpochs: 1 }, 3, grid.values.length);
    const { winner, epochs } = findIn(grid, number, rungs);
    return { winner, cost: epochs / (grid.values.length * GRID_SEEDS * grid.epochs) };
  });
  return {
    ...{ measure: 'table', n: `${grids.length} data sets` },
    ...{
      what: '`find` with parts of the images, 15 to 20 learners of LCDB, against 5 seeds of all',
      measured: words(found),
    },
  };
}

/** Rows of the recorded table, and of public ones if there is a Python that has them. */
export async function recordedMeasures({
  file = TABLE_FILE,
  optuna,
}: {
  file?: string | undefined;
  optuna: Optuna | null;
}): Promise<Row[]> {
  const rows = optuna ? seedRows(await publicGrids(optuna), `HPOBench (${PUBLIC_TABLES.join(', ')})`) : [];
  const curves = optuna ? await curveGrids(optuna) : [];
  if (curves.length > 0) rows.push(curveRow(curves));
  const table = readTable(file);
  if (!table) {
    console.error(`  no ${file}: record it with bench/search/record.ts`);
    return rows;
  }
  const source = `the recorded table (${table.configs.length} configs × ${table.seeds.length} seeds)`;
  rows.push(...seedRows(recordedGrids(table, CELLS), source));
  const all = recordedGrids(table, table.configs.length);
  const rungs = rungsOf({ epochs: table.epochs, images: 1, leastEpochs: 2 }, 3, table.configs.length);
  const budget = table.configs.length * GRID_SEEDS * table.epochs;
  const withEpochs = losses(all, (grid, number) => {
    const { winner, epochs } = findIn(grid, number, rungs, 2);
    return { winner, cost: epochs / budget };
  });
  const oneEpoch = losses(all, (grid) => {
    const { winner, epochs } = topAfterOneEpoch(grid);
    return { winner, cost: epochs / budget };
  });
  rows.push({
    ...{ measure: 'table', n: `${DRAWS} orders` },
    ...{ what: `\`find\` with epochs, ${source}, against 5 seeds of all`, measured: words(withEpochs) },
    ...{ target: `≤ 25 % of the cost, ${LIMITS}; fewer lost than the peer` },
    peer: `two best after one epoch: ${words(oneEpoch)}`,
    met: withEpochs.cost <= 0.25 && withinLimits(withEpochs) && withEpochs.lost <= oneEpoch.lost,
  });
  if (optuna) rows.push(await targetRow(all, optuna));
  return rows;
}
