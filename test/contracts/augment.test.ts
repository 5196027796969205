import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUGMENT_SETS,
  Augment,
  augmentHash,
  augmentOps,
  configComplaints,
  mixOps,
  resolveConfig,
  zodComplaints,
} from '@ablate/contracts';

const complaint = (augment: unknown): string => {
  const parsed = Augment.safeParse(augment);
  assert.equal(parsed.success, false, JSON.stringify(augment));
  return zodComplaints(parsed.error)
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ');
};
const only = (augment: string) => {
  const [op, ...rest] = augmentOps(Augment.parse(augment));
  assert.deepEqual(rest, []);
  return op;
};

test('a config holds the operations of a named set', () => {
  const resolved = (augment: unknown) => {
    const result = resolveConfig({ dataset: {}, model: {}, train: {}, augment });
    assert.ok('config' in result);
    return result.config.augment;
  };
  const basic = [
    { op: 'crop', padding: 4, fill: 'zero', p: 1 },
    { op: 'flip', p: 0.5 },
  ];
  assert.deepEqual(resolved('basic'), basic);
  assert.deepEqual(resolved([{ op: 'crop' }, { op: 'flip' }]), basic);
  assert.deepEqual(resolved(['basic']), basic);
  assert.deepEqual(resolved('none'), []);
});

test('the hash of a set is that of its operations', () => {
  assert.equal(augmentHash('flip'), augmentHash([{ op: 'flip', p: 0.5 }]));
  assert.notEqual(augmentHash('flip'), augmentHash([{ op: 'flip', p: 0.4 }]));
  assert.equal(
    new Set(Object.keys(AUGMENT_SETS).map((name) => augmentHash(name))).size,
    Object.keys(AUGMENT_SETS).length,
  );
});

test('timm’s RandAugment strings parse as in timm', () => {
  assert.deepEqual(only('rand-m9-n2-mstd0.5-inc1'), {
    op: 'timmRandaugment',
    layers: 2,
    magnitude: 9,
    deviation: 0.5,
    limit: 10,
    layerP: 0.5,
    transforms: 'increasing',
    interpolation: 'random',
    p: 1,
  });
  const plain = only('rand-n3-p0.9-mstd101-mmax20-m15-inc0');
  assert.ok(plain?.op === 'timmRandaugment');
  const { layers, layerP, deviation, limit, magnitude, transforms } = plain;
  assert.deepEqual([layers, layerP, deviation, limit, magnitude, transforms], [3, 0.9, 'uniform', 20, 15, 'plain']);
  const weighted = only('rand-mstd1-tweights');
  assert.ok(weighted?.op === 'timmRandaugment' && weighted.transforms === 'weights' && weighted.magnitude === 10);
});

test('timm’s AugMix and AutoAugment strings parse as in timm', () => {
  const mixed = only('augmix-m5-w4-d2');
  assert.ok(mixed?.op === 'timmAugmix');
  assert.deepEqual([mixed.magnitude, mixed.width, mixed.depth, mixed.deviation], [5, 4, 2, 'uniform']);
  const original = only('original-mstd0.5');
  assert.ok(original?.op === 'timmAutoaugment' && original.policy === 'original' && original.deviation === 0.5);
  assert.ok(only('v0')?.op === 'timmAutoaugment');
});

test('flags apply in timm’s order, independent of their order in the text', () => {
  const ops = augmentOps('--reprob 0.25 --remode const --hflip 0.5 rand-m9 --scale 0.2 1 --color-jitter 0.4');
  assert.deepEqual(
    ops.map(({ op }) => op),
    ['resizedCrop', 'flip', 'timmRandaugment', 'colorJitter', 'erase'],
  );
  const [crop, , , jitter, erase] = ops;
  assert.ok(crop?.op === 'resizedCrop' && crop.scale[0] === 0.2);
  assert.ok(jitter?.op === 'colorJitter' && jitter.saturation === 0.4 && jitter.hue === 0);
  assert.ok(erase?.op === 'erase' && erase.p === 0.25 && erase.fill === 'mean');
});

test('mixup and cutmix share the batches as timm’s switch does', () => {
  const shares = (text: string) => mixOps(augmentOps(text)).map(({ op, alpha, p }) => [op, alpha, p]);
  assert.deepEqual(shares('basic --mixup 0.8 --cutmix 1.0'), [
    ['mixup', 0.8, 0.5],
    ['cutmix', 1, 0.5],
  ]);
  assert.deepEqual(shares('--mixup 0.2 --mixup-prob 0.5'), [['mixup', 0.2, 0.5]]);
  assert.deepEqual(shares('--mixup 0 --cutmix 1 --mixup-switch-prob 0.1'), [['cutmix', 1, 1]]);
});

test('a list may mix sets, texts and operations', () => {
  const ops = augmentOps(Augment.parse(['basic', 'rand-m5', { op: 'erase' }]));
  assert.deepEqual(
    ops.map(({ op }) => op),
    ['crop', 'flip', 'timmRandaugment', 'erase'],
  );
});

test('complaints name the invalid part and the alternatives', () => {
  assert.match(complaint('strong'), /"strong" is unknown: use one of none, flip, basic/);
  assert.match(complaint('rand-m9-x3'), /"x3" of "rand-m9-x3"/);
  assert.match(complaint('rand-m9-m8'), /"m8"/);
  assert.match(complaint('basic --reprob'), /--reprob needs a value/);
  assert.match(complaint('basic --reprob often'), /--reprob needs a number, not "often"/);
  assert.match(complaint('basic --reprob 2'), /erase: p/);
  assert.match(complaint('--remode pixel'), /--remode needs --reprob/);
  assert.match(complaint('--cutout 3'), /unknown flag --cutout/);
  assert.match(complaint(''), /is empty/);
  assert.match(complaint([{ op: 'flip', p: 2 }]), /^0\.p/);
  assert.match(complaint(['basic', { op: 'spin' }]), /^1/);
  assert.match(complaint(7), /must be text or a list/);
});

test('rules: a batch is mixed at most once, a magnitude is less than the levels', () => {
  const broken = (augment: unknown) => {
    const result = resolveConfig({ dataset: {}, model: {}, train: {}, augment });
    assert.ok('config' in result, JSON.stringify(result));
    return configComplaints(result.config)
      .map(({ message }) => message)
      .join('; ');
  };
  assert.match(broken([{ op: 'mixup' }, { op: 'cutmix' }]), /sum to 2/);
  assert.equal(broken('--mixup 0.2 --cutmix 1'), '');
  assert.match(broken([{ op: 'randaugment', magnitude: 31 }]), /magnitude must be less than/);
});
