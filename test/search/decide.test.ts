import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalHash, HistoryEntry as Entry, FindSearch, type HistoryEntry, Space } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import {
  type CompareProblem,
  decide,
  type FindProblem,
  openSampleSpace,
  type Problem,
  readSubspaces,
  rungsOf,
  type Simulation,
  simulate,
  type Task,
} from '@ablate/search';
import fc from 'fast-check';

/** The noise of a config and a seed; the same for every run of them. */
const noise = (config: number, seed: number): number => countedRandom(randomKey(seed, 'noise'), [config, 0]).normal();

const compareProblem = (more: Partial<CompareProblem> = {}): Problem => ({
  identity: 'test',
  compare: {
    search: { maxSeeds: 5, alpha: 0.05 },
    ...{ configs: 8, baseline: 2, seeds: [1, 2, 3], direction: 1, margin: null },
    ...more,
  },
});

/** Means 0, 0, 1 (the baseline) and lower ones; noise of 0.2. */
const raced = (problem: Problem, { count = 3, speed = 0 } = {}, means = [0, 0, 1, -1, -2, -3, 0.9, -5]): Simulation =>
  simulate(problem, {
    count,
    commit: 'completed',
    resultOf: ({ config, seed }) => means[config]! + 0.2 * noise(config, seed),
    secondsOf: ({ run }) => 1 + countedRandom(randomKey(speed, 'speed'), [run, 0]).uniform(),
  });

const finishOf = (simulation: Simulation) => {
  const last = simulation.log.at(-1)?.decision;
  assert.ok(last?.kind === 'finish', JSON.stringify(last));
  return last;
};

test('compare trains seed by seed, the baseline first', () => {
  const simulation = raced(compareProblem());
  const trains = simulation.log.flatMap(({ decision }) => (decision.kind === 'train' ? [decision] : []));
  assert.deepEqual(
    trains.slice(0, 16).map(({ config, seed }) => [seed, config]),
    [1, 2].flatMap((seed) => [2, 0, 1, 3, 4, 5, 6, 7].map((config) => [seed, config])),
  );
  assert.ok(trains.every(({ epochs }) => epochs === null));
});

test('compare drops who is clearly behind, gives close rivals more seeds, and says what it knows', () => {
  const simulation = raced(compareProblem());
  const stops = new Map(
    simulation.log.flatMap(({ decision }) => (decision.kind === 'stop' ? [[decision.config, decision]] : [])),
  );
  assert.deepEqual([...stops.keys()].sort(), [0, 1, 3, 4, 5, 7]);
  for (const stop of stops.values()) {
    assert.equal(stop.why, 'behind');
    assert.ok(stop.evidence! >= stop.needed!, JSON.stringify(stop));
  }
  const { why, rows } = finishOf(simulation);
  assert.equal(why, 'seeds');
  const rowOf = (config: number) => rows.find((row) => row.config === config)!;
  assert.equal(rowOf(2).verdict, 'baseline');
  assert.equal(rowOf(7).verdict, 'worse');
  assert.equal(rowOf(6).verdict, 'undecided');
  assert.equal(rowOf(6).seeds, 5);
  assert.ok(Math.abs(rowOf(6).difference!) < rowOf(6).half!);
});

test('compare calls configs the same when their interval is within the margin, and stops', () => {
  const simulation = raced(
    compareProblem({ configs: 4, baseline: 0, margin: 1 }),
    {},
    [0, 0.01, 0.02, -0.01].map((mean) => mean),
  );
  const { why, rows } = finishOf(simulation);
  assert.equal(why, 'decided');
  assert.deepEqual(
    rows.map(({ verdict }) => verdict),
    ['baseline', 'same', 'same', 'same'],
  );
});

test('compare leaves out a config that fails, whatever its other seeds say', () => {
  const simulation = simulate(compareProblem(), {
    ...{ count: 4, commit: 'completed', secondsOf: () => 1 },
    resultOf: ({ config, seed }) => (config === 6 && seed === 2 ? null : noise(config, seed)),
  });
  const row = finishOf(simulation).rows.find(({ config }) => config === 6)!;
  assert.deepEqual([row.verdict, row.mean, row.seeds], ['failed', null, 2]);
});

test('compare prefers smaller values where smaller is better', () => {
  const { winner, rows } = finishOf(raced(compareProblem({ direction: -1 })));
  assert.equal(winner, 7);
  assert.equal(rows.find(({ config }) => config === 7)?.verdict, 'better');
  assert.ok(rows.find(({ config }) => config === 7)!.difference! < 0);
});

test('compare decides the same whatever the number of workers and the order in which runs end', () => {
  const expected = raced(compareProblem(), { count: 1 }).log.map(({ decision }) => decision);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1e6 }), (count, speed) => {
      const { log } = raced(compareProblem(), { count, speed });
      assert.deepEqual(
        log.map(({ decision }) => decision),
        expected,
      );
    }),
    { numRuns: 20 },
  );
});

/** A space with a condition, and results that grow with the epochs. */
const space = Space.parse({
  'train.optimizer.learningRate': { min: 1e-4, max: 1, scale: 'log' },
  'train.optimizer.name': ['adamw', 'sgd'],
  'train.optimizer.momentum': { min: 0, max: 0.99, when: 'train.optimizer.name == "sgd"' },
  'model.depth': { min: 1, max: 8, integer: true },
});
const parts = {
  dataset: { name: 'cifar10', validation: 0.1, splitSeed: 0 },
  model: {},
  train: {},
  augment: 'none',
} as const;
const LENGTH = { epochs: 9, images: 100, leastEpochs: 1 };

function findProblem(
  more: Partial<FindProblem> = {},
  search: Partial<FindSearch> = {},
): Problem & { find: FindProblem } {
  const read = readSubspaces({ ...parts, space });
  assert.ok('subspaces' in read);
  return {
    identity: 'test',
    find: {
      search: FindSearch.parse({ method: 'find', samples: 24, sampler: 'tpe', parallel: 6, ...search }),
      space: openSampleSpace(read.subspaces, ({ axes }) => canonicalHash(axes)),
      baseline: { axes: { 'model.depth': 6 }, hash: 'baseline', raw: null },
      ...{ seeds: [1, 2, 3], direction: 1, margin: 0.005, rungs: rungsOf(LENGTH, 3, 27), budget: {} },
      lengthOf: () => LENGTH,
      ...more,
    },
  };
}

const quality = (axes: Record<string, unknown>): number => {
  const rate = Math.log10(Number(axes['train.optimizer.learningRate'] ?? 1));
  return 0.8 - 0.03 * (rate + 2.5) ** 2 - 0.004 * (Number(axes['model.depth']) - 5) ** 2;
};

/** Accuracy after some epochs; a little noise. */
const trained = ({ axes, config, seed, epochs }: Task): number =>
  quality(axes) - 0.3 / (epochs ?? LENGTH.epochs) + 0.003 * noise(config, seed);

const searched = (
  problem: Problem,
  { count = 3, speed = 0, commit = 'asked' }: { count?: number; speed?: number; commit?: 'asked' | 'completed' } = {},
  begun: readonly HistoryEntry[] = [],
): Simulation =>
  simulate(
    problem,
    {
      ...{ count, commit, resultOf: trained },
      secondsOf: ({ run, epochs }) =>
        (epochs ?? LENGTH.epochs) * (0.5 + countedRandom(randomKey(speed, 'speed'), [run, 0]).uniform()),
    },
    begun,
  );

test('find promotes the better configs to more epochs and seeds, and confirms the best on fresh seeds', () => {
  const simulation = searched(findProblem());
  const trains = simulation.log.flatMap(({ decision }) => (decision.kind === 'train' ? [decision] : []));
  const at = (rung: number | null) => trains.filter((train) => train.rung === rung);
  assert.deepEqual(new Set(at(0).map(({ epochs }) => epochs)), new Set([1]));
  assert.deepEqual(new Set(at(1).map(({ epochs }) => epochs)), new Set([3]));
  assert.deepEqual(new Set([...at(2), ...at(3)].map(({ epochs }) => epochs)), new Set([9]));
  const configs = (rung: number) => new Set(at(rung).map(({ config }) => config)).size;
  assert.equal(configs(0), 25, '24 samples and the baseline');
  assert.ok(configs(1) >= 8 && configs(1) <= 12, `${configs(1)} configs at rung 1`);
  assert.ok(configs(2) >= 2 && configs(2) <= 6, `${configs(2)} configs at rung 2`);
  assert.ok(configs(3) >= 2, `${configs(3)} configs at rung 3`);
  const { winner, rows, why } = finishOf(simulation);
  assert.equal(why, 'confirmed');
  assert.equal(rows.length, 3);
  assert.deepEqual(new Set(at(null).map(({ seed }) => seed)), new Set([4, 5, 6]));
  const axes = simulation.log.flatMap(({ decision }) =>
    decision.kind === 'config' && decision.config === winner ? [decision.axes] : [],
  )[0];
  assert.ok(axes && quality(axes) > 0.77, JSON.stringify(axes));
});

test('find asks for no config twice', () => {
  const { log } = searched(findProblem({}, { samples: 60 }));
  const hashes = log.flatMap(({ decision }) => (decision.kind === 'config' ? [decision.hash] : []));
  assert.equal(new Set(hashes).size, hashes.length);
});

test('find decides the same whatever the number of workers, if results are committed in the order of their runs', () => {
  const problem = findProblem();
  const expected = searched(problem, { count: 1 }).log;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1e6 }), (count, speed) => {
      assert.deepEqual(searched(problem, { count, speed }).log, expected);
    }),
    { numRuns: 8 },
  );
});

for (const [name, problem, run] of [
  ['compare', compareProblem(), raced],
  ['find', findProblem(), searched],
] as const)
  test(`${name}: the same history gives the same log, also after a cut at any decision`, () => {
    const { history, log } = run(problem);
    assert.doesNotThrow(() => history.map((entry) => Entry.parse(entry)));
    let decisions = 0;
    for (let cut = 0; cut < history.length; cut++) {
      const entry = history[cut]!;
      if (!('decision' in entry)) continue;
      const [next] = decide(problem, history.slice(0, cut));
      assert.deepEqual(next, log[decisions], `decision ${decisions}`);
      decisions++;
    }
    assert.equal(decisions, log.length);
    assert.deepEqual(decide(problem, history), []);
  });

test('the hash of a decision’s inputs changes with any earlier entry, and with the search', () => {
  const problem = findProblem();
  const { history } = searched(problem);
  const cut = history.slice(0, 12);
  const result = cut.findIndex((entry) => 'result' in entry);
  const inputs = (entries: readonly HistoryEntry[], of: Problem = problem) => decide(of, entries)[0]?.inputs;
  const changed = cut.map((entry, i) =>
    i === result && 'result' in entry ? { result: { ...entry.result, value: 0.123 } } : entry,
  );
  assert.ok(result > 0 && inputs(cut));
  assert.notEqual(inputs(changed), inputs(cut));
  assert.notEqual(inputs(cut, { ...problem, identity: 'other' }), inputs(cut));
});

test('a search that goes on after a crash ends with the log of one that did not', () => {
  const problem = findProblem();
  const { history, log } = searched(problem);
  for (const cut of [1, 7, 30, 61, history.length - 3]) {
    const begun = history.slice(0, cut);
    const known = begun.filter((entry) => 'decision' in entry).length;
    const resumed = searched(problem, { count: 5, speed: 9 }, begun);
    assert.deepEqual(resumed.log, log.slice(known), `after ${cut} entries`);
  }
});

test('find stays within its budget, and says so', () => {
  for (const [limit, most] of [
    ['runs', 30],
    ['epochs', 120],
    ['samplesSeen', 12_000],
  ] as const) {
    const simulation = searched(findProblem({ budget: { [limit]: most } }, { samples: 500 }));
    assert.equal(finishOf(simulation).why, limit);
    const trains = simulation.log.flatMap(({ decision }) => (decision.kind === 'train' ? [decision] : []));
    const until = new Map(trains.map(({ run, epochs }) => [run, epochs ?? LENGTH.epochs]));
    const epochs = [...until.values()].reduce((a, b) => a + b);
    const spent = { runs: until.size, epochs, samplesSeen: epochs * LENGTH.images }[limit];
    assert.ok(spent <= most && spent > 0.6 * most, `${spent} of ${most} ${limit}`);
    assert.equal(finishOf(simulation).rows.length, 3);
  }
});

test('a limit from outside ends a search at once', () => {
  const { history } = searched(findProblem());
  const decisions = decide(findProblem(), [...history.slice(0, 40), { limit: 'wallClock' }]);
  assert.deepEqual(
    decisions.map(({ decision }) => decision.kind === 'finish' && decision.why),
    ['wallClock'],
  );
});

test('find tries every config of a small space, and says that it is exhausted', () => {
  const read = readSubspaces({ ...parts, space: Space.parse({ 'model.depth': [1, 2, 3], augment: ['none', 'flip'] }) });
  assert.ok('subspaces' in read);
  const small = openSampleSpace(read.subspaces, ({ axes }) => canonicalHash(axes));
  const simulation = searched(findProblem({ space: small, baseline: null }, { samples: 50, sampler: 'auto' }));
  const configs = simulation.log.flatMap(({ decision }) => (decision.kind === 'config' ? [decision] : []));
  assert.equal(configs.length, 6);
  assert.equal(finishOf(simulation).exhausted, true);
});

test('find sends all on from a rung that ranks configs unlike the next one, also those that waited', () => {
  const misleading = simulate(findProblem({}, { samples: 120, sampler: 'random' }), {
    ...{ count: 6, commit: 'asked', secondsOf: () => 1 },
    resultOf: ({ axes, epochs, config }) => (epochs === 1 ? noise(config, 99) : quality(axes)),
  });
  const ranks = misleading.log.flatMap(({ decision }) => (decision.kind === 'ranks' ? [decision] : []));
  assert.ok(ranks.some(({ rung, share, skipped, tau }) => rung === 0 && share === 1 && skipped && tau! < 0.5));
  const trains = misleading.log.flatMap(({ decision }) => (decision.kind === 'train' ? [decision] : []));
  const reached = (rung: number) => new Set(trains.filter((train) => train.rung === rung).map(({ config }) => config));
  assert.ok(reached(1).size > 110, `${reached(1).size} of ${reached(0).size}`);
  assert.ok(reached(2).size < 60, 'rung 1 ranks well');
});

test('find sends no more than a third on from a rung that ranks configs like the next one', () => {
  const simulation = simulate(findProblem({ baseline: null }, { samples: 120, sampler: 'random' }), {
    ...{ count: 6, commit: 'asked', secondsOf: () => 1 },
    resultOf: ({ axes, epochs }) => quality(axes) - 0.3 / (epochs ?? LENGTH.epochs),
  });
  const ranks = simulation.log.flatMap(({ decision }) => (decision.kind === 'ranks' ? [decision] : []));
  assert.ok(ranks.length > 4 && ranks.every(({ skipped }) => !skipped));
  assert.ok(
    ranks.some(({ rung, share }) => rung === 0 && share === 1 / 3),
    JSON.stringify(ranks),
  );
});

test('where configs differ by no more than the noise, their ranks say nothing of a rung', () => {
  const simulation = simulate(findProblem({}, { samples: 120, sampler: 'random' }), {
    ...{ count: 6, commit: 'asked', secondsOf: () => 1 },
    // The seeds of the baseline show the noise at the lower rungs: a standard deviation of 1.
    resultOf: ({ config, seed, epochs }) => (config === 0 ? seed - 2 : noise(9 * config + (epochs ?? 9), seed)),
  });
  const ranks = simulation.log.flatMap(({ decision }) => (decision.kind === 'ranks' ? [decision] : []));
  const many = ranks.filter(({ rung, configs }) => rung === 0 && configs > 20);
  assert.ok(many.length >= 2 && many.every(({ share }) => share === null), JSON.stringify(ranks));
});

test('find adds seeds once all configs have joined, also where the budget ends that', () => {
  for (const budget of [{}, { epochs: 400 }]) {
    const { log } = searched(findProblem({ budget }, { samples: budget.epochs ? 500 : 60 }));
    const kinds = log.map(({ decision }) => decision);
    const lastConfig = kinds.findLastIndex(({ kind }) => kind === 'config');
    const seeds = kinds.flatMap((one, i) => (one.kind === 'train' && one.rung === 3 ? [i] : []));
    assert.ok(seeds.length >= 4, JSON.stringify(budget));
    assert.ok(seeds.every((at) => at > lastConfig));
  }
});

test('rungs that would be left without a config are left out', () => {
  const first = (configs: number) => rungsOf({ epochs: 27, images: 1, leastEpochs: 1 }, 3, configs)[0]?.samples;
  assert.deepEqual([27, 26, 9, 8, 3, 1].map(first), [3, 9, 9, 27, 27, 27]);
});

test('all seeds choose the winner; what is expected of it leaves out the seed that is looked at', () => {
  // Two configs: at the end of the search the first leads by 2 points, on fresh seeds the second by 9, 9 and -6.
  const two = findProblem({ baseline: null, rungs: [{ samples: 900, seeds: 1 }] }, { samples: 2, sampler: 'random' });
  const values = new Map([
    [1, [0.52, 0.5]],
    [4, [0.5, 0.59]],
    [5, [0.5, 0.59]],
    [6, [0.5, 0.44]],
  ]);
  const simulation = simulate(two, {
    ...{ count: 1, commit: 'asked', secondsOf: () => 1 },
    resultOf: ({ config, seed }) => values.get(seed)![config]!,
  });
  const { winner, expected, rows } = finishOf(simulation);
  assert.equal(winner, 1);
  assert.ok(Math.abs(rows.find(({ config }) => config === 1)!.mean! - 0.54) < 1e-12);
  // Without seed 4, and without seed 5, the first wins: -2 + 9 - 6 > 0 for the second, so it does; without seed 6 it does too.
  assert.ok(Math.abs(expected! - (0.59 + 0.59 + 0.44) / 3) < 1e-12);
  values.set(1, [0.54, 0.5]);
  const closer = finishOf(
    simulate(two, {
      ...{ count: 1, commit: 'asked', secondsOf: () => 1 },
      resultOf: ({ config, seed }) => values.get(seed)![config]!,
    }),
  );
  // -4 + 9 + 9 - 6 > 0, but -4 + 9 - 6 < 0: without seed 4 or 5 the first would win.
  assert.equal(closer.winner, 1);
  assert.ok(Math.abs(closer.expected! - (0.5 + 0.5 + 0.44) / 3) < 1e-12);
});

test('a failed config is never promoted', () => {
  const simulation = simulate(findProblem({}, { sampler: 'random' }), {
    ...{ count: 6, commit: 'asked', secondsOf: () => 1 },
    resultOf: (task) => (task.config % 2 === 1 ? null : trained(task)),
  });
  const promoted = simulation.log.flatMap(({ decision }) =>
    decision.kind === 'train' && decision.rung !== 0 ? [decision.config] : [],
  );
  assert.ok(promoted.length > 0 && promoted.every((config) => config % 2 === 0));
});

test('a history with a result that nothing asked for is refused', () => {
  for (const problem of [findProblem(), compareProblem()])
    assert.throws(() => decide(problem, [{ result: { run: 7, value: 1 } }]), /no decision asks for/);
});

test('compare starts no round that its budget does not allow, and judges the rounds that it has', () => {
  const simulation = raced(compareProblem({ budget: { runs: 20 } }));
  const trains = simulation.log.filter(({ decision }) => decision.kind === 'train');
  assert.equal(trains.length, 16, 'two rounds of eight');
  const { why, winner, rows } = finishOf(simulation);
  assert.equal(why, 'runs');
  assert.equal(winner, 2);
  assert.ok(rows.length === 8 && rows.every(({ seeds }) => seeds === 2));
  const short = raced(compareProblem({ budget: { epochs: 79 }, lengthOf: () => ({ epochs: 10, images: 100 }) }));
  assert.deepEqual([finishOf(short).why, finishOf(short).winner], ['epochs', null], 'not even the first round');
});
