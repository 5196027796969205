/** Population-based training on functions. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  canonicalHash,
  type Decision,
  HistoryEntry as Entry,
  PbtSearch,
  resolveConfig,
  Space,
} from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import {
  decide,
  fixedPart,
  openSampleSpace,
  type PbtProblem,
  type Problem,
  readSubspaces,
  type Simulation,
  simulate,
  type Task,
} from '@ablate/search';

const parts = {
  dataset: { name: 'cifar10', validation: 0.1, splitSeed: 0 },
  model: {},
  train: {},
  augment: 'none',
} as const;

const RATE = 'train.optimizer.learningRate';
const SPACE: unknown = { [RATE]: { min: 0.0001, max: 1, scale: 'log' }, 'model.depth': [1, 2] };

function problemOf(
  search: Record<string, unknown> = {},
  { space = SPACE, ...more }: Partial<Omit<PbtProblem, 'space'>> & { space?: unknown } = {},
): Problem & { pbt: PbtProblem } {
  const read = readSubspaces({ ...parts, space: Space.parse(space) });
  assert.ok('subspaces' in read);
  return {
    identity: 'pbt',
    pbt: {
      search: PbtSearch.parse({ method: 'pbt', ...search }),
      space: openSampleSpace(read.subspaces, ({ axes }) => canonicalHash(axes)),
      ...{ baseline: null, seeds: [1, 2], direction: 1, margin: null, budget: {} },
      ends: [3, 6, 9, 12],
      images: 100,
      fixedOf: (axes) => String(axes['model.depth']),
      ...more,
    },
  };
}

const EPOCHS = 12;
/** What an epoch teaches: the most at a rate that falls by three powers of ten from the first to the last. */
const learnt = (axes: Task['axes'], epoch: number): number =>
  Math.exp(-((Math.log10(Number(axes[RATE])) + (3 * epoch) / (EPOCHS - 1)) ** 2)) *
  (axes['model.depth'] === 2 ? 1 : 0.9);

/** Trainings that remember what they have learnt after each epoch; a run that goes on from another begins with that. */
function trainings(failing: (task: Task) => boolean = () => false) {
  const known = new Map<number, number[]>();
  return (task: Task): number | null => {
    const { run, axes, fork, seed, config } = task;
    if (failing(task)) return null;
    const before = fork ? known.get(fork.run)?.slice(0, fork.epochs + 1) : [0];
    assert.ok(before, `run ${run} goes on from run ${fork?.run}, which has no result`);
    assert.equal(before.length, (fork?.epochs ?? 0) + 1, `run ${fork?.run} has not come as far`);
    const curve = known.get(run) ?? before;
    const epochs = task.epochs ?? EPOCHS;
    while (curve.length <= epochs) curve.push(curve.at(-1)! + learnt(axes, curve.length - 1));
    known.set(run, curve);
    return curve[epochs]! + 1e-3 * countedRandom(randomKey(seed, 'noise'), [config, epochs]).normal();
  };
}

const searched = (
  problem: Problem,
  { count = 4, speed = 0, failing }: { count?: number; speed?: number; failing?: (task: Task) => boolean } = {},
): Simulation =>
  simulate(problem, {
    ...{ count, commit: 'asked', resultOf: trainings(failing) },
    secondsOf: ({ run }) => 1 + countedRandom(randomKey(speed, 'speed'), [run, 0]).uniform(),
  });

type Of<Kind extends Decision['kind']> = Extract<Decision, { kind: Kind }>;
const isOf = <Kind extends Decision['kind']>(decision: Decision, kind: Kind): decision is Of<Kind> =>
  decision.kind === kind;
const ofKind = <Kind extends Decision['kind']>({ log }: Simulation, kind: Kind): Of<Kind>[] =>
  log.flatMap(({ decision }) => (isOf(decision, kind) ? [decision] : []));

test('a schedule of learning rates beats every constant one where the best rate falls', () => {
  const constants = Array.from({ length: 41 }, (_, i) => {
    const axes = { [RATE]: 10 ** (-4 + i / 10), 'model.depth': 2 };
    return Array.from({ length: EPOCHS }, (_, epoch) => learnt(axes, epoch)).reduce((a, b) => a + b);
  });
  const best = Math.max(...constants);
  for (const seed of [0, 1, 2]) {
    const simulation = searched(
      problemOf({ seed, population: 24, parts: 12 }, { ends: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }),
    );
    const [finish] = ofKind(simulation, 'finish');
    const [row] = finish?.rows ?? [];
    assert.equal(finish?.why, 'confirmed');
    assert.equal(row?.config, finish.winner);
    assert.equal(row?.seeds, 3);
    assert.ok(row?.mean && row.mean > 1.2 * best, `${row?.mean} against ${best}`);
    assert.ok(finish.schedule && finish.schedule.length > 2, JSON.stringify(finish.schedule));
  }
});

/** By part: the runs that were sent to it, and their results. */
function partsOf({ history }: Simulation) {
  const found: { sent: Of<'train'>[]; values: Map<number, number> }[] = [];
  const latest = new Map<number, number>();
  for (const entry of history) {
    if ('result' in entry) {
      const part = found[latest.get(entry.result.run) ?? -1];
      part?.values.set(entry.result.run, entry.result.value ?? Number.NEGATIVE_INFINITY);
    } else if ('decision' in entry && entry.decision.kind === 'train' && entry.decision.rung !== null) {
      const { rung, run } = entry.decision;
      found[rung] ??= { sent: [], values: new Map() };
      found[rung].sent.push(entry.decision);
      latest.set(run, rung);
    }
  }
  return found;
}

test('after each part the worst quarter goes on from the best quarter, with other hyperparameters', () => {
  const simulation = searched(problemOf({ population: 8 }));
  const configs = ofKind(simulation, 'config');
  const found = partsOf(simulation);
  assert.deepEqual(
    found.map(({ sent }) => sent.length),
    [8, 8, 8, 8],
  );
  const configOf = new Map(ofKind(simulation, 'train').map(({ run, config }) => [run, configs[config]!]));
  for (const [part, { sent }] of found.entries()) {
    const epochs = 3 * part;
    assert.deepEqual(new Set(sent.map((one) => one.epochs)), new Set([part === 3 ? null : epochs + 3]));
    if (part === 0) continue;
    const order = [...found[part - 1]!.values].toSorted((a, b) => b[1] - a[1]).map(([run]) => run);
    const [goingOn, forked] = [sent.filter(({ fork }) => !fork), sent.filter(({ fork }) => fork)];
    assert.deepEqual(new Set(goingOn.map(({ run }) => run)), new Set(order.slice(0, 6)));
    for (const { fork, config } of forked) {
      assert.ok(fork && order.slice(0, 2).includes(fork.run), `run ${fork?.run} is not among the best of ${order}`);
      const [own, from] = [configs[config]!, configOf.get(fork.run)!];
      assert.deepEqual([own.by, own.fork], ['pbt', { config: from.config, epochs }]);
      assert.equal(own.axes['model.depth'], from.axes['model.depth'], 'the model is that of the checkpoint');
      assert.notEqual(own.axes[RATE], from.axes[RATE]);
    }
  }
  assert.equal(new Set(configs.map(({ hash }) => hash)).size, configs.length, 'no hash twice');
  const ratios = configs.flatMap(({ fork, axes }) =>
    fork ? [Number(axes[RATE]) / Number(configs[fork.config]?.axes[RATE])] : [],
  );
  const near = (factor: number) => ratios.filter((ratio) => Math.abs(ratio - factor) < 1e-9).length;
  assert.ok(near(0.8) + near(1.2) >= ratios.length / 2, `${ratios}`);
});

test('what a checkpoint does not depend on may change while a model trains', () => {
  const part = (raw: Record<string, unknown>) => {
    const resolved = resolveConfig({ ...parts, ...raw });
    assert.ok('config' in resolved, JSON.stringify(resolved));
    return fixedPart(resolved.config);
  };
  const optimizer = { name: 'sgd', learningRate: 0.1, momentum: 0.9 };
  const written = { train: { optimizer, ema: 0.9 } };
  const train = (more: object) => ({ train: { ...written.train, ...more } });
  for (const same of [
    train({ optimizer: { ...optimizer, learningRate: 1, weightDecay: 0, momentum: 0.5, nesterov: true } }),
    train({ ema: 0.99, labelSmoothing: 0.2, clipNorm: 1 }),
    { ...written, augment: 'basic', model: { dropout: { path: 0.1 } } },
  ])
    assert.equal(part(same), part(written), JSON.stringify(same));
  for (const other of [
    train({ optimizer: { ...optimizer, momentum: 0 } }),
    train({ optimizer: { name: 'adamw' } }),
    train({ ema: null }),
    train({ batchSize: 64 }),
    train({ epochs: 11 }),
    train({ schedule: { name: 'constant' } }),
    { ...written, model: { depth: 3 } },
    { ...written, augment: [{ op: 'normalise', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }] },
  ])
    assert.notEqual(part(other), part(written), JSON.stringify(other));
});

test('numbers stay in their range and on their steps; lists take a neighbour', () => {
  const space = {
    [RATE]: { min: 0.001, max: 0.0015 },
    'train.labelSmoothing': { min: 0, max: 0.3, step: 0.1 },
    augment: ['none', 'basic', 'cifar'],
    'model.depth': [1, 2],
  };
  for (const resample of [0, 1]) {
    const configs = ofKind(searched(problemOf({ population: 20, resample }, { space })), 'config');
    const forks = configs.flatMap((config) => (config.fork ? [{ config, from: configs[config.fork.config]! }] : []));
    assert.ok(forks.length >= 15, `${forks.length}`);
    for (const { config, from } of forks) {
      const rate = Number(config.axes[RATE]);
      assert.ok(rate >= 0.001 && rate <= 0.0015, `${rate}`);
      const steps = Number(config.axes['train.labelSmoothing']) / 0.1;
      assert.ok(Math.abs(steps - Math.round(steps)) < 1e-9 && steps >= 0 && steps < 3.5, `${steps}`);
      const [before, after] = [from, config].map(({ axes }) => space.augment.indexOf(String(axes.augment)));
      if (resample === 0) assert.ok(Math.abs(before! - after!) <= 1, `${before} to ${after}`);
    }
  }
});

test('a changed value that would change the model through a link is not taken', () => {
  const space = {
    [RATE]: { min: 0.001, max: 0.1, scale: 'log' },
    'train.labelSmoothing': [0, 0.1, 0.2, 0.3],
    'model.depth': { '=': 'train.labelSmoothing > 0.15 ? 2 : 1' },
  };
  const configs = ofKind(searched(problemOf({ population: 20 }, { space })), 'config');
  const forks = configs.filter(({ fork }) => fork);
  assert.ok(forks.length >= 15);
  for (const { fork, axes } of forks)
    assert.equal(axes['model.depth'], configs[fork?.config ?? -1]?.axes['model.depth']);
  const smoothing = forks.map(({ fork, axes }) =>
    [configs[fork!.config]?.axes, axes].map((of) => of?.['train.labelSmoothing']),
  );
  assert.ok(smoothing.some(([before, after]) => before !== after));
});

test('where a few values are all there is, no schedule is tried twice, and a member without another goes on as it is', () => {
  const simulation = searched(problemOf({ population: 8, parts: 4 }, { space: { [RATE]: [0.01, 0.1] } }));
  const configs = ofKind(simulation, 'config');
  assert.equal(configs.filter(({ fork }) => !fork).length, 2);
  assert.equal(new Set(configs.map(({ hash }) => hash)).size, configs.length);
  assert.equal(ofKind(simulation, 'finish')[0]?.exhausted, true);
  assert.ok(partsOf(simulation).every(({ sent }) => sent.length === 2));

  const single = searched(problemOf({ population: 2 }, { space: { [RATE]: [0.01], 'model.depth': [1, 2] } }));
  assert.equal(ofKind(single, 'config').length, 2);
  assert.ok(partsOf(single).every(({ sent }) => sent.every(({ fork }) => !fork)));
});

test('a member whose run fails is replaced; without any result there is no winner', () => {
  const once = new Set<number>();
  const failing = ({ run, rung }: Task) => rung === 0 && run < 5 && once.add(run).has(run);
  const simulation = searched(problemOf({ population: 8 }), { failing });
  const [first, second] = partsOf(simulation);
  const failed = new Set([...first!.values].flatMap(([run, value]) => (Number.isFinite(value) ? [] : [run])));
  assert.equal(failed.size, 5);
  assert.equal(second?.sent.length, 8);
  assert.ok(second.sent.every(({ run, fork }) => !failed.has(run) && (!fork || !failed.has(fork.run))));
  assert.equal(ofKind(simulation, 'finish')[0]?.why, 'confirmed');
  const none = ofKind(searched(problemOf(), { failing: () => true }), 'finish')[0];
  assert.deepEqual([none?.why, none?.winner], ['nothing', null]);
  const lost = ofKind(searched(problemOf(), { failing: ({ rung }) => rung === null }), 'finish')[0];
  assert.deepEqual([lost?.why, lost?.winner, lost?.rows[0]?.verdict], ['confirmed', null, 'failed']);
});

test('the schedule of the winner is repeated on fresh seeds, and compared with the baseline', () => {
  const baseline = { axes: { [RATE]: 0.0003, 'model.depth': 1 }, hash: 'baseline' };
  const simulation = searched(problemOf({ population: 8, parts: 4 }, { baseline }));
  const [confirm] = ofKind(simulation, 'confirm');
  const [finish] = ofKind(simulation, 'finish');
  assert.deepEqual(confirm?.seeds, [3, 4, 5]);
  assert.deepEqual(confirm.configs, [finish?.winner, 0]);
  const schedule = finish?.schedule ?? [];
  assert.ok(schedule.length > 1, JSON.stringify(finish));
  const trains = ofKind(simulation, 'train').filter(({ rung }) => rung === null);
  for (const seed of confirm.seeds) {
    const own = trains.filter((train) => train.seed === seed && train.config !== 0);
    assert.deepEqual(
      own.map(({ config, epochs, fork }) => [config, fork?.epochs ?? 0, epochs]),
      schedule.map(({ config, epochs }, i) => [config, epochs, schedule[i + 1]?.epochs ?? null]),
    );
    for (const [i, { fork }] of own.entries()) assert.equal(fork?.run, own[i - 1]?.run);
    assert.equal(trains.filter((train) => train.seed === seed && train.config === 0).length, 1);
  }
  assert.deepEqual(
    finish?.rows.map(({ verdict }) => verdict),
    ['better', 'baseline'],
  );
});

for (const [name, budget, most] of [
  ['epochs', { epochs: 60 }, 48],
  ['runs', { runs: 11 }, 10],
  ['samplesSeen', { samplesSeen: 10_000 }, 96],
] as const)
  test(`a budget of ${name} is kept before a part begins`, () => {
    const simulation = searched(problemOf({ population: 8 }, { budget }));
    const trains = ofKind(simulation, 'train');
    const epochs = trains.reduce((sum, { epochs: until, rung }) => sum + (rung === null ? (until ?? EPOCHS) : 3), 0);
    assert.equal(name === 'runs' ? new Set(trains.map(({ run }) => run)).size : epochs, most);
    assert.equal(ofKind(simulation, 'enough')[0]?.why, name);
    const [finish] = ofKind(simulation, 'finish');
    assert.deepEqual([finish?.why, finish?.rows], [name, []]);
    assert.notEqual(finish?.winner, null);
  });

for (const [name, problem, failing] of [
  ['a population', problemOf({ population: 8 }), undefined],
  ['a population that loses members', problemOf({ population: 6 }), ({ run }: Task) => run % 3 === 1],
  [
    'a small space',
    problemOf({ population: 8 }, { space: { [RATE]: [0.01, 0.1] } }),
    ({ run, rung }: Task) => run === 0 && rung === 1,
  ],
] as const)
  test(`${name}: the log does not depend on workers, and goes on after a cut at any decision`, () => {
    const { history, log } = searched(problem, { ...(failing && { failing }) });
    for (const [count, speed] of [
      [1, 0],
      [9, 5],
    ] as const)
      assert.deepEqual(searched(problem, { count, speed, ...(failing && { failing }) }).log, log);
    assert.doesNotThrow(() => history.map((entry) => Entry.parse(entry)));
    let decisions = 0;
    history.forEach((entry, cut) => {
      if (!('decision' in entry)) return;
      assert.deepEqual(decide(problem, history.slice(0, cut))[0], log[decisions], `decision ${decisions}`);
      decisions++;
    });
    assert.equal(decisions, log.length);
  });
