import assert from 'node:assert/strict';
import test from 'node:test';
import { Problem } from '@ablate/contracts';
import { countRows, post, runningApp } from './running-app.ts';

const { app, db } = await runningApp();

const SOUND = { version: 1, name: 'sound', seeds: [1], model: { family: 'vit' }, space: { 'model.depth': [1, 2] } };

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** Each row: the fault, the change to a valid spec, and the field that the response must name. */
const BAD: [string, Record<string, unknown>, string][] = [
  ['no version', { version: undefined }, '/version'],
  ['a version of the future', { version: 2 }, '/version'],
  ['no name', { name: undefined }, '/name'],
  ['an empty name', { name: '   ' }, '/name'],
  ['an unknown key', { sede: [1] }, '/sede'],
  ['no seeds', { seeds: [] }, '/seeds'],
  ['a seed twice', { seeds: [1, 1] }, '/seeds'],
  ['a seed that is no whole number', { seeds: [1, 1.5] }, '/seeds/1'],
  ['a data set that is a path', { dataset: { name: '../../etc/passwd' } }, '/dataset/name'],
  ['more samples than images', { dataset: { name: 'cifar10', samples: 60_000 } }, '/dataset/samples'],
  ['nothing held out', { dataset: { name: 'cifar10', validation: 0 } }, '/dataset/validation'],
  ['an unknown family', { model: { family: 'rnn' } }, '/model/family'],
  ['an unknown preset', { model: { preset: 'resnet21' } }, '/model/preset'],
  ['a preset of another family', { model: { family: 'vit', preset: 'resnet18' } }, '/model/preset'],
  ['a misspelt part of the model', { model: { family: 'vit', patchsize: 4 } }, '/model/patchsize'],
  ['a patch that does not divide the image', { model: { family: 'vit', patchSize: 5 } }, '/model/patchSize'],
  ['heads that do not divide the width', { model: { family: 'vit', heads: 5 } }, '/model/heads'],
  ['a model that a sweep cannot train', { model: { preset: 'clip_rn50' }, space: {} }, '/model/family'],
  ['an unknown optimizer', { train: { optimizer: { name: 'lamb' } } }, '/train/optimizer/name'],
  ['a misspelt part of the optimizer', { train: { optimizer: { lr: 0.1 } } }, '/train/optimizer/lr'],
  ['a learning rate below zero', { train: { optimizer: { learningRate: -1 } } }, '/train/optimizer/learningRate'],
  ['a batch larger than the data', { dataset: { name: 'cifar10', samples: 100 } }, '/train/batchSize'],
  [
    'a warm-up that leaves nothing',
    { train: { epochs: 1, schedule: { warmupEpochs: 1 } } },
    '/train/schedule/warmupEpochs',
  ],
  ['an unknown augmentation', { augment: 'cutmix' }, '/augment'],
  ['an augmentation too likely', { augment: [{ op: 'flip', p: 1.5 }] }, '/augment/0/p'],
  ['an unknown search', { search: { method: 'annealing' } }, '/search/method'],
  ['a random search of nothing', { search: { method: 'random', samples: 0 } }, '/search/samples'],
  ['a space that is not an object', { space: 'everything' }, '/space'],
  ['an unknown axis', { space: { colour: [1] } }, '/space/colour'],
  ['an axis without values', { space: { 'model.depth': [] } }, '/space/model.depth'],
  ['a value without bottom', { space: { 'model.depth': [1, nested(1000)] } }, '/space/model.depth/1'],
  ['a value of an axis that cannot be', { space: { 'model.patchSize': [4, 5] } }, '/space/model.patchSize'],
  ['a value in the second subspace', { space: [{}, { 'model.ordering': ['sideways'] }] }, '/space/1/model.ordering'],
  ['a range in a grid', { space: { 'model.depth': { min: 1, max: 4 } } }, '/space/model.depth'],
  ['a range upside down', { space: { 'model.depth': { min: 4, max: 1 } } }, '/space/model.depth/max'],
  [
    'too many runs',
    { seeds: Array.from({ length: 11 }, (_, i) => i), search: { method: 'random', samples: 9_999 } },
    '/search/samples',
  ],
  ['a baseline off the axes', { baseline: { 'model.width': 192 } }, '/baseline/model.width'],
  ['a budget below zero', { budget: { deviceHours: -1 } }, '/budget/deviceHours'],
];

test('the valid spec of these tests is accepted', async () => {
  const answer = await app.inject(post('/api/v1/sweeps?dryRun=true', SOUND));
  assert.equal(answer.statusCode, 200, answer.body);
});

for (const [name, change, pointer] of BAD)
  test(`${name} is refused at ${pointer}, and nothing is written`, async () => {
    const before = await countRows(db);
    const answer = await app.inject(post('/api/v1/sweeps', { ...SOUND, ...change }));
    assert.equal(answer.statusCode, 422, answer.body);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    const { errors } = Problem.parse(answer.json());
    assert.ok(
      errors?.some((error) => error.pointer === pointer && error.detail.length > 0),
      answer.body,
    );
    assert.equal(await countRows(db), before);
  });

test('a body that is not JSON, not an object or has __proto__ is refused, and nothing is written', async () => {
  const before = await countRows(db);
  for (const [payload, status] of [
    ['{"version": 1,', 400],
    ['', 400],
    ['[]', 422],
    ['null', 422],
    ['{"__proto__": {"version": 1}}', 400],
  ] as const) {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ ...post('/api/v1/sweeps', payload), headers });
    assert.equal(answer.statusCode, status, `${payload}: ${answer.body}`);
    Problem.parse(answer.json());
  }
  assert.equal(await countRows(db), before);
});
