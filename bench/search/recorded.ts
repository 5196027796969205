/** `compare` and `find` on the recorded table: what they cost, and what they lose against training everything. */
import { FindSearch, Space } from '@ablate/contracts';
import { countedRandom, randomKey, shuffle } from '@ablate/random';
import { type Problem, type Rung, rungsOf, simulate, type Task } from '@ablate/search';
import { pairedDifferences, pairedTest } from '@ablate/statistics';
import { sampleSpace } from './functions.ts';
import { type RecordedTable, readTable, TABLE_FILE } from './recorded-table.ts';
import type { Measured } from './results.ts';

const GRID = 12;
const GRID_SEEDS = 5;
const DRAWS = 1000;
/** A point of accuracy. */
const POINT = 0.01;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Some configs and seeds of the table, in random order: a small grid of its own. `values`: (configs, seeds, epochs). */
type Grid = { values: number[][][]; epochs: number };

function drawGrid(table: RecordedTable, number: number, configs: number): Grid {
  const random = countedRandom(randomKey(7, 'sub-grids'), [number, 0]);
  const some = (n: number, of: number): number[] =>
    [
      ...shuffle(
        Int32Array.from({ length: of }, (_, i) => i),
        random,
      ),
    ].slice(0, n);
  const seeds = some(table.seeds.length, table.seeds.length);
  const rows = some(configs, table.configs.length);
  return {
    epochs: table.epochs,
    values: rows.map((row) =>
      seeds.map((s) => {
        const run = table.configs[row]?.runs.find(({ seed }) => seed === table.seeds[s]);
        if (!run) throw new Error(`the table lacks seed ${table.seeds[s]} of config ${row}`);
        return run.validation;
      }),
    ),
  };
}

/** Final accuracy of a config, over seeds. */
const finals = (grid: Grid, config: number): number[] => grid.values[config]!.map((epochs) => epochs[grid.epochs - 1]!);

/** The configs that a paired t test over every seed does not tell from the best. */
function tieSet(grid: Grid): { ties: Set<number>; best: number } {
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

/** Over draws: cost against training all, and what the winner loses. */
type Losses = { cost: number; inTies: number; same: number; lost: number };

function losses(
  table: RecordedTable,
  configs: number,
  choose: (grid: Grid, number: number) => { winner: number; cost: number },
): Losses {
  const sum: Losses = { cost: 0, inTies: 0, same: 0, lost: 0 };
  for (let number = 0; number < DRAWS; number++) {
    const grid = drawGrid(table, number, configs);
    const { ties, best } = tieSet(grid);
    const { winner, cost } = choose(grid, number);
    sum.cost += cost / DRAWS;
    if (ties.has(winner)) sum.inTies += 1 / DRAWS;
    if (winner === best) sum.same += 1 / DRAWS;
    if (mean(finals(grid, best)) - mean(finals(grid, winner)) > POINT) sum.lost += 1 / DRAWS;
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
function compareRace(table: RecordedTable): { cost: number; same: number } {
  let [cost, same] = [0, 0];
  for (let number = 0; number < DRAWS; number++) {
    const whole = drawGrid(table, number, GRID);
    const grid = { ...whole, values: whole.values.map((seeds) => seeds.slice(0, GRID_SEEDS)) };
    const problem: Problem = {
      identity: 'recorded',
      compare: {
        search: { maxSeeds: GRID_SEEDS, alpha: 0.05 },
        ...{ configs: GRID, baseline: 0, seeds: [1, 2, 3], direction: 1, margin: 0.005 },
      },
    };
    const { log } = simulate(problem, {
      ...{ count: 4, commit: 'completed', secondsOf: () => 1 },
      resultOf: (task) => valueAt(grid, task.config, task),
    });
    const means = grid.values.map((_, config) => mean(finals(grid, config)));
    cost += log.filter(({ decision }) => decision.kind === 'train').length / (DRAWS * GRID * GRID_SEEDS);
    if (means[winnerOf(log)] === Math.max(...means)) same += 1 / DRAWS;
  }
  return { cost, same };
}

/** `find` over the configs of a grid, drawn without a model: what rungs and confirmation do alone. */
function findIn(grid: Grid, number: number, rungs: readonly Rung[]): { winner: number; epochs: number } {
  const configs = grid.values.length;
  const space = sampleSpace(Space.parse({ 'train.config': Array.from({ length: configs }, (_, i) => i) }));
  const length = { epochs: grid.epochs, images: 1, leastEpochs: 1 };
  const problem: Problem = {
    identity: 'recorded',
    find: {
      search: FindSearch.parse({ method: 'find', samples: configs, seed: number, sampler: 'random', parallel: 4 }),
      ...{ space, baseline: null, seeds: [1, 2, 3], direction: 1, margin: 0.005, rungs, budget: {} },
      lengthOf: () => length,
    },
  };
  const indexOf = ({ axes }: Task): number => Number(axes['train.config']);
  const { log } = simulate(problem, {
    ...{ count: 4, commit: 'completed', secondsOf: ({ epochs }) => epochs ?? grid.epochs },
    resultOf: (task) => valueAt(grid, indexOf(task), task),
  });
  const until = new Map<number, number>();
  const axes = new Map<number, number>();
  for (const { decision } of log) {
    if (decision.kind === 'train') until.set(decision.run, decision.epochs ?? grid.epochs);
    if (decision.kind === 'config') axes.set(decision.config, Number(decision.axes['train.config']));
  }
  const epochs = [...until.values()].reduce((a, b) => a + b, 0);
  return { winner: axes.get(winnerOf(log)) ?? 0, epochs };
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

/** The rows of a recorded table; none without it. */
export function recordedMeasures(file = TABLE_FILE): (Omit<Measured, 'peer' | 'target' | 'met'> & Partial<Measured>)[] {
  const table = readTable(file);
  if (!table) {
    console.error(`  no ${file}: record it with bench/search/record.ts`);
    return [];
  }
  const race = compareRace(table);
  const measure = 'table';
  const n = `${DRAWS} sub-grids`;
  const all = table.configs.length;
  const seedRungs = rungsOf({ epochs: 1, images: 1, leastEpochs: 1 }, 3).map((rung) => ({
    ...rung,
    samples: table.epochs,
  }));
  const seedsOnly = losses(table, GRID, (grid, number) => {
    const { winner, epochs } = findIn(grid, number, seedRungs);
    return { winner, cost: epochs / (GRID * GRID_SEEDS * grid.epochs) };
  });
  const rungs = rungsOf({ epochs: table.epochs, images: 1, leastEpochs: 2 }, 3);
  const budget = all * GRID_SEEDS * table.epochs;
  const withEpochs = losses(table, all, (grid, number) => {
    const { winner, epochs } = findIn(grid, number, rungs);
    return { winner, cost: epochs / budget };
  });
  const oneEpoch = losses(table, all, (grid) => {
    const { winner, epochs } = topAfterOneEpoch(grid);
    return { winner, cost: epochs / budget };
  });
  return [
    {
      ...{ measure, n, what: '`compare`, 12 recorded configs × 5 seeds' },
      measured: `${percent(race.cost)} of the cost, same winner ${percent(race.same)}`,
      ...{ peer: 'grid 100 %', target: '≤ 88 %, ≥ 99 %', met: race.cost <= 0.88 && race.same >= 0.99 },
    },
    {
      ...{
        measure,
        n,
        what: '`find` on seeds only, 12 recorded configs, against 5 seeds of all',
        measured: words(seedsOnly),
      },
      ...{ target: `≤ 45 % of the cost, ${LIMITS}`, met: seedsOnly.cost <= 0.45 && withinLimits(seedsOnly) },
      peer: 'SMAC-like 33–35 %, > 1 point lost 9–14 %',
    },
    {
      ...{
        measure,
        n,
        what: `\`find\` with epochs, ${all} recorded configs, against 5 seeds of all`,
        measured: words(withEpochs),
      },
      ...{ target: `≤ 25 % of the cost, ${LIMITS}; fewer lost than the peer` },
      peer: `two best after one epoch: ${words(oneEpoch)}`,
      met: withEpochs.cost <= 0.25 && withinLimits(withEpochs) && withEpochs.lost <= oneEpoch.lost,
    },
  ];
}
