/** Hyperband, BOHB, the median rule and Pareto fronts, on functions. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalHash, type Decision, HistoryEntry as Entry, FindSearch, Space } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import {
  brackets,
  decide,
  equalRungs,
  type FindProblem,
  hyperbandRungs,
  openSampleSpace,
  type Problem,
  readSubspaces,
  type Simulation,
  simulate,
  type Task,
} from '@ablate/search';
import { mean, median } from '@ablate/statistics';

const LENGTH = { epochs: 27, images: 100, leastEpochs: 1 };
const parts = {
  dataset: { name: 'cifar10', validation: 0.1, splitSeed: 0 },
  model: {},
  train: {},
  augment: 'none',
} as const;

function problemOf(
  search: Partial<FindSearch>,
  more: Partial<FindProblem> & Pick<FindProblem, 'rungs'>,
): Problem & { find: FindProblem } {
  const space = Space.parse({ 'train.x': { min: 0, max: 1 }, 'train.y': { min: 0, max: 1 } });
  const read = readSubspaces({ ...parts, space });
  assert.ok('subspaces' in read);
  return {
    identity: 'methods',
    find: {
      search: FindSearch.parse({ method: 'find', samples: 49, sampler: 'random', parallel: 6, ...search }),
      space: openSampleSpace(read.subspaces, ({ axes }) => canonicalHash(axes)),
      ...{ baseline: null, seeds: [1], direction: 1, margin: null, budget: {} },
      lengthOf: () => LENGTH,
      ...more,
    },
  };
}

const quality = ({ 'train.x': x, 'train.y': y }: Task['axes']): number =>
  1 - (Number(x) - 0.3) ** 2 - (Number(y) - 0.7) ** 2;
const noise = (config: number, seed: number): number => countedRandom(randomKey(seed, 'noise'), [config, 0]).normal();
const resultAt = ({ axes, config, seed, epochs }: Task): number =>
  quality(axes) - 0.5 / (epochs ?? LENGTH.epochs) + 1e-3 * noise(config, seed);

const searched = (problem: Problem, { count = 4, speed = 0, resultOf = resultAt } = {}): Simulation =>
  simulate(problem, {
    ...{ count, commit: 'asked', resultOf },
    secondsOf: ({ run }) => 1 + countedRandom(randomKey(speed, 'speed'), [run, 0]).uniform(),
  });

type Of<Kind extends Decision['kind']> = Extract<Decision, { kind: Kind }>;
const ofKind = <Kind extends Decision['kind']>({ log }: Simulation, kind: Kind): Of<Kind>[] =>
  log.flatMap(({ decision }) => (isOf(decision, kind) ? [decision] : []));
const isOf = <Kind extends Decision['kind']>(decision: Decision, kind: Kind): decision is Of<Kind> =>
  decision.kind === kind;

const HYPERBAND = { rungs: hyperbandRungs(LENGTH, 3, 1), promotion: 'hyperband' } as const;
const MEDIAN = { rungs: equalRungs(LENGTH, 9, 2), promotion: { grace: 6 } };

test('the brackets of Hyperband are those of the paper', () => {
  const source = brackets(4, 3);
  const first = Array.from({ length: 5 }, () => source.next().value);
  assert.deepEqual(first, [
    { from: 0, size: 27, rung: 0 },
    { from: 27, size: 12, rung: 1 },
    { from: 39, size: 6, rung: 2 },
    { from: 45, size: 4, rung: 3 },
    { from: 49, size: 27, rung: 0 },
  ]);
  assert.equal(hyperbandRungs({ epochs: 243, images: 1, leastEpochs: 1 }, 3, 1).length, 6, '3^5 has six rungs');
  assert.equal(hyperbandRungs({ epochs: 26, images: 1, leastEpochs: 1 }, 3, 1).length, 3);
  assert.equal(hyperbandRungs({ epochs: 27, images: 1, leastEpochs: 4 }, 3, 1).length, 2);
});

test('hyperband halves each bracket, when all of its configs are at a rung, to the best of them', () => {
  const simulation = searched(problemOf({}, HYPERBAND));
  const reached = new Map<number, Map<number, number>>();
  const axes = new Map(ofKind(simulation, 'config').map((config) => [config.config, config.axes]));
  for (const { config, rung, epochs } of ofKind(simulation, 'train'))
    if (rung !== null) reached.set(rung, (reached.get(rung) ?? new Map()).set(config, epochs ?? 0));
  const at = (rung: number, from: number, size: number) =>
    [...(reached.get(rung)?.keys() ?? [])].filter((config) => config >= from && config < from + size);
  for (const [from, size, counts] of [
    [0, 27, [27, 9, 3, 1]],
    [27, 12, [0, 12, 4, 1]],
    [39, 6, [0, 0, 6, 2]],
    [45, 4, [0, 0, 0, 4]],
  ] as const) {
    assert.deepEqual(
      counts.map((_, rung) => at(rung, from, size).length),
      counts,
    );
    const best = (of: readonly number[]) => of.toSorted((a, b) => quality(axes.get(b)!) - quality(axes.get(a)!));
    const start = counts.findIndex((n) => n > 0);
    const [all, half] = [at(start, from, size), at(start + 1, from, size)];
    assert.deepEqual(new Set(half), new Set(best(all).slice(0, half.length)), `bracket from ${from}`);
  }
  assert.deepEqual(new Set(reached.get(1)?.values()), new Set([3]), 'the second rung is after three epochs');
  assert.equal(ofKind(simulation, 'finish')[0]?.why, 'confirmed');
});

test('a bracket that the samples do not fill is halved from what it has', () => {
  const simulation = searched(problemOf({ samples: 30 }, HYPERBAND));
  const second = ofKind(simulation, 'train').filter(({ config }) => config >= 27 && config < 30);
  assert.deepEqual(
    second.filter(({ rung }) => rung === 1).map(({ config }) => config),
    [27, 28, 29],
  );
  assert.equal(second.filter(({ rung }) => rung === 2).length, 1);
});

test('bohb models the highest rung with enough results, and draws a third at random', () => {
  const searches = [1, 2, 3].map((seed) => searched(problemOf({ sampler: 'bohb', samples: 98, seed }, HYPERBAND)));
  const late = searches.flatMap((one) => ofKind(one, 'config').slice(30));
  const chosen = (sampler: string) => late.flatMap(({ by, axes }) => (by === sampler ? [quality(axes)] : []));
  const share = chosen('random').length / late.length;
  assert.ok(Math.abs(share - 1 / 3) < 0.12, `${share} at random`);
  const [modelled, random] = [mean(chosen('tpe')), mean(chosen('random'))];
  assert.ok(modelled > random + 0.05, `${modelled} against ${random}`);

  // Low rungs mislead: once the whole training has enough results, only these count.
  const misleading = (task: Task) => ((task.epochs ?? 27) < 27 ? -quality(task.axes) : quality(task.axes));
  const misled = searched(problemOf({ sampler: 'bohb', samples: 196 }, HYPERBAND), { resultOf: misleading });
  const proposed = ofKind(misled, 'config').filter(({ by }) => by === 'tpe');
  const last = mean(proposed.slice(-25).map(({ axes }) => quality(axes)));
  assert.ok(last > 0.85, `${last}`);
});

test('the median rule stops what is below the median at the same part, of whole trainings if there are three, after the grace period', () => {
  const simulation = searched(problemOf({ samples: 40 }, MEDIAN));
  const stops = ofKind(simulation, 'stop');
  assert.ok(stops.length > 8 && stops.length < 30, `${stops.length} stops`);
  // Every judgement again, from the log alone.
  const results = new Map<number, number[]>();
  const place = new Map<number, { config: number; rung: number | null }>();
  const goesOn = new Set<number>();
  let ofWhole = 0;
  for (const entry of simulation.history) {
    if ('result' in entry) {
      const { config, rung } = place.get(entry.result.run)!;
      if (rung !== null && rung < 9) results.set(config, [...(results.get(config) ?? []), entry.result.value ?? 0]);
    }
    if (!('decision' in entry)) continue;
    const { decision } = entry;
    if (decision.kind === 'confirm') break;
    if (decision.kind === 'train') place.set(decision.run, { config: decision.config, rung: decision.rung });
    const isPromoted = decision.kind === 'train' && decision.rung !== null && decision.rung > 0;
    if (!isPromoted && decision.kind !== 'stop') continue;
    const own = results.get(decision.config)!;
    const reached = [...results].flatMap(([config, values]) =>
      config !== decision.config && values.length >= own.length ? [values] : [],
    );
    const whole = reached.filter((values) => values.length === 9);
    if (whole.length >= 3) ofWhole++;
    const others = (whole.length < 3 ? reached : whole).map((values) => values[own.length - 1]!);
    const epochs = own.length * 3;
    const isBelow = epochs > 6 && others.length >= 3 && Math.max(...own) < median(others);
    assert.equal(decision.kind === 'stop', isBelow, `config ${decision.config} after ${epochs} epochs`);
    if (isPromoted) goesOn.add(decision.config);
  }
  assert.ok(goesOn.size > 10);
  assert.ok(ofWhole > 10, `${ofWhole} judgements by whole trainings`);
  const axes = new Map(ofKind(simulation, 'config').map((config) => [config.config, quality(config.axes)]));
  const best = [...axes].toSorted((a, b) => b[1] - a[1])[0]![0];
  assert.ok(stops.every(({ config, why }) => config !== best && why === 'median'));
  const seeds = new Set(ofKind(simulation, 'train').flatMap(({ rung, seed }) => (rung === 9 ? [seed] : [])));
  assert.deepEqual(seeds, new Set([2]), 'whole trainings get the other seed');
});

/** Costs are whole numbers; a larger y is dearer and better. */
const FRONT: Partial<FindProblem> & Pick<FindProblem, 'rungs'> = {
  rungs: [
    { samples: 300, seeds: 1 },
    { samples: 900, seeds: 1 },
    { samples: 2700, seeds: 1 },
  ],
  costOf: (axes) => Math.round(20 * Number(axes['train.y'])),
};
const dear = ({ axes, epochs }: Task): number =>
  Number(axes['train.y']) - 2 * (Number(axes['train.x']) - 0.5) ** 2 - 0.5 / (epochs ?? 27);

test('the Pareto front of result against cost goes on, and is confirmed and reported', () => {
  const simulation = searched(problemOf({ samples: 60, sampler: 'tpe' }, FRONT), { resultOf: dear });
  const configs = ofKind(simulation, 'config').map(({ axes }) => ({
    cost: FRONT.costOf!(axes),
    value: dear({ axes, epochs: 27 } as Task),
  }));
  const [confirm] = ofKind(simulation, 'confirm');
  const [finish] = ofKind(simulation, 'finish');
  assert.equal(confirm?.kept, 'front');
  assert.ok(confirm.configs.length > 2 && confirm.configs.length <= 5, JSON.stringify(confirm));
  const costs = confirm.configs.map((config) => configs[config]!.cost);
  assert.ok(Math.max(...costs) - Math.min(...costs) >= 8, `spread over cost: ${costs.join(', ')}`);
  assert.deepEqual(new Set(finish?.front), new Set(confirm.configs), 'without noise all stay on the front');
  for (const a of confirm.configs)
    for (const b of confirm.configs)
      assert.ok(
        a === b || configs[a]!.cost < configs[b]!.cost || configs[a]!.value > configs[b]!.value,
        `${b} dominates ${a}`,
      );
  assert.equal(finish?.winner, confirm.configs[0]);
  // The first rung sends on the first fronts: no promoted config is dominated by one that was not, of those known then.
  const promoted = new Set(ofKind(simulation, 'train').flatMap(({ rung, config }) => (rung === 1 ? [config] : [])));
  const cheap = [...promoted].filter((config) => configs[config]!.cost <= 6);
  assert.ok(cheap.length >= 3, `${cheap.length} cheap configs go on although dear ones are better`);
});

test('a failed config is on no front, however cheap it is', () => {
  const simulation = simulate(problemOf({ samples: 30 }, FRONT), {
    ...{ count: 4, commit: 'asked', secondsOf: () => 1 },
    resultOf: (task) => (Number(task.axes['train.y']) < 0.3 ? null : dear(task)),
  });
  const failed = new Set(
    ofKind(simulation, 'config').flatMap(({ axes, config }) => (Number(axes['train.y']) < 0.3 ? [config] : [])),
  );
  assert.ok(failed.size > 3);
  assert.ok(ofKind(simulation, 'confirm')[0]?.configs.every((config) => !failed.has(config)));
  assert.ok(ofKind(simulation, 'train').every(({ rung, config }) => rung === 0 || !failed.has(config)));
});

for (const [name, problem, resultOf] of [
  ['hyperband', problemOf({}, HYPERBAND), resultAt],
  ['bohb', problemOf({ sampler: 'bohb', samples: 30 }, HYPERBAND), resultAt],
  ['median', problemOf({ samples: 20 }, MEDIAN), resultAt],
  ['a front', problemOf({ samples: 24, sampler: 'tpe' }, FRONT), dear],
] as const)
  test(`${name}: the log does not depend on workers, and goes on after a cut at any decision`, () => {
    const { history, log } = searched(problem, { resultOf });
    for (const [count, speed] of [
      [1, 0],
      [9, 5],
    ] as const)
      assert.deepEqual(searched(problem, { count, speed, resultOf }).log, log);
    assert.doesNotThrow(() => history.map((entry) => Entry.parse(entry)));
    let decisions = 0;
    history.forEach((entry, cut) => {
      if (!('decision' in entry)) return;
      assert.deepEqual(decide(problem, history.slice(0, cut))[0], log[decisions], `decision ${decisions}`);
      decisions++;
    });
    assert.equal(decisions, log.length);
  });

for (const [name, problem] of [
  ['hyperband', problemOf({}, { ...HYPERBAND, budget: { epochs: 500 } })],
  ['median', problemOf({}, { ...MEDIAN, budget: { epochs: 400 } })],
] as const)
  test(`${name} stays within its budget, and confirms`, () => {
    const simulation = searched(problem);
    const until = new Map(ofKind(simulation, 'train').map(({ run, epochs }) => [run, epochs ?? LENGTH.epochs]));
    const epochs = [...until.values()].reduce((a, b) => a + b);
    const most = problem.find.budget.epochs ?? 0;
    assert.ok(epochs <= most && epochs > 0.6 * most, `${epochs} of ${most}`);
    assert.equal(ofKind(simulation, 'finish')[0]?.why, 'epochs');
  });
