/** Searches that a caller drives, without a service. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalHash, HistoryEntry as Entry, type HistoryEntry, Spec } from '@ablate/contracts';
import { decide, locate, openSampleSpace, openSearch, type Problem, readSubspaces } from '@ablate/search';

function spaceOf(written: unknown) {
  const read = readSubspaces(Spec.parse({ version: 1, name: 'test', space: written }));
  assert.ok('subspaces' in read, JSON.stringify(read));
  return openSampleSpace(read.subspaces, ({ axes }) => canonicalHash(axes));
}

const LINE = { 'train.optimizer.learningRate': { min: 0, max: 1 } };
const problem = (): Problem => ({
  identity: 'test',
  asked: {
    search: { samples: 100, seed: 3, sampler: 'tpe' },
    ...{ space: spaceOf(LINE), seeds: [1, 2], direction: 1, budget: { runs: 4 } },
    lengthOf: () => ({ epochs: 1, images: 1 }),
  },
});

/** A caller that asks, and tells how near to 0.7 the config is; one config of its own is trained by workers. */
function driven(asks: number): HistoryEntry[] {
  const search = openSearch(problem());
  const history: HistoryEntry[] = [];
  const add = (entry: HistoryEntry): void => {
    search.add(entry);
    history.push(entry, ...search.decide().map(({ decision }) => ({ decision })));
  };
  const axes = { 'train.optimizer.learningRate': 0.25 };
  add({ ask: { point: { axes, hash: canonicalHash(axes), raw: [0.25] }, train: true } });
  add({ result: { run: 1, value: 0.1 } });
  add({ result: { run: 0, value: null } });
  for (let i = 0; i < asks; i++) {
    add({ ask: { point: null, train: false } });
    const last = history.at(-1)!;
    assert.ok('decision' in last && last.decision.kind === 'config', JSON.stringify(last));
    const [value = Number.NaN] = Object.values(last.decision.axes).map(Number);
    add({ tell: { config: last.decision.config, value: -Math.abs(value - 0.7) } });
  }
  add({ limit: 'caller' });
  return history;
}

test('the sampler learns from what is told, and the best is the winner', () => {
  const history = driven(40);
  const tried = history.flatMap((entry) =>
    'decision' in entry && entry.decision.kind === 'config' && entry.decision.by === 'tpe'
      ? [Math.abs(Number(Object.values(entry.decision.axes)[0]) - 0.7)]
      : [],
  );
  assert.ok(tried.length > 25);
  const late = tried.slice(-15).sort((a, b) => a - b);
  assert.ok(late[7]! < 0.15, `the median of the last asks is ${late[7]} away, that of random ones 0.25`);
  const last = history.at(-1)!;
  assert.ok('decision' in last && last.decision.kind === 'finish');
  assert.equal(last.decision.why, 'caller');
  assert.notEqual(last.decision.winner, 0, 'a config with a failed run is the worst');
});

test('a history that is cut off anywhere goes on the same, and is made of valid entries', () => {
  const history = driven(14).map((entry) => Entry.parse(JSON.parse(JSON.stringify(entry))));
  for (let cut = 1; cut < history.length; cut++) {
    const entry = history[cut]!;
    if ('decision' in entry)
      assert.deepEqual(decide(problem(), history.slice(0, cut))[0]?.decision, entry.decision, `entry ${cut}`);
  }
});

test('a config beyond the budget, and one more than the space has, are not given', () => {
  const search = openSearch(problem());
  for (const raw of [0.1, 0.2]) {
    const axes = { 'train.optimizer.learningRate': raw };
    search.add({ ask: { point: { axes, hash: canonicalHash(axes), raw: [raw] }, train: true } });
    assert.deepEqual(
      search.decide().map(({ decision }) => decision.kind),
      ['config', 'train', 'train'],
    );
  }
  search.add({ ask: { point: null, train: true } });
  assert.deepEqual(
    search.decide().map(({ decision }) => decision.kind),
    ['sampler', 'enough'],
  );
  search.add({ ask: { point: null, train: false } });
  assert.deepEqual(
    search.decide().map(({ decision }) => decision.kind),
    ['config'],
  );
});

test('values of axes are located in lists, ranges, steps, permutations, conditions and unions', () => {
  const space = spaceOf([
    {
      'model.heads': [2, 3],
      'train.ema': { values: [0.9, 0.99], when: 'model.heads == 2' },
      'train.epochs': { min: 2, max: 10, step: 2 },
      'model.depths': { permutation: [1, 2, 3] },
    },
    { 'model.width': [64, 96], 'train.epochs': { min: 1, max: 3, integer: true } },
  ]);
  const ok = (axes: Record<string, unknown>) => {
    const located = locate(space, axes);
    assert.ok('raw' in located, JSON.stringify(located));
    const { candidate } = space.settle(located.raw);
    for (const [path, value] of Object.entries(axes)) assert.deepEqual(candidate.axes[path], value, path);
    assert.equal(Object.keys(candidate.axes).length, Object.keys(axes).length);
  };
  ok({ 'model.heads': 2, 'train.ema': 0.99, 'train.epochs': 6, 'model.depths': [3, 1, 2] });
  ok({ 'model.heads': 3, 'train.epochs': 10, 'model.depths': [1, 2, 3] });
  ok({ 'model.width': 96, 'train.epochs': 3 });
  const bad = (axes: Record<string, unknown>): string => {
    const located = locate(space, axes);
    assert.ok('complaints' in located);
    return located.complaints.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
  };
  const rest = { 'train.epochs': 6, 'model.depths': [1, 2, 3] };
  assert.match(bad({ ...rest, 'model.heads': 2 }), /^\/axes\/train\.ema needs a value$/);
  assert.match(bad({ ...rest, 'model.heads': 3, 'train.ema': 0.9 }), /^\/axes\/train\.ema has no such value beside/);
  assert.match(
    bad({ 'model.heads': 3, 'train.epochs': 5, 'model.depths': [1, 2, 3] }),
    /epochs 5 is not one of its values/,
  );
  assert.match(bad({ 'model.heads': 3, 'train.epochs': 6, 'model.depths': [1, 1, 3] }), /is not one of its values/);
  assert.match(bad({ 'model.width': 96, 'train.epochs': 3, 'model.depth': 1 }), /is no axis of the space/);
});
