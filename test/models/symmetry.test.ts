import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveModel } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { buildModel, layerSymmetries, networkSymmetries } from '@ablate/models';

/** Symmetries that hold exactly; all others must be measurably broken. */
const TRUE = [
  '3×3 convolution, stride 1, circular padding | shift by 1 px',
  '3×3 convolution, stride 1, zero padding, away from the border | shift by 1 px',
  '3×3 convolution, stride 2, circular padding | shift by 2 px',
  'ReLU | shift by 1 px',
  'max pool 2×2, stride 2 | shift by 2 px',
  'global average pool | shift by 1 px',
  'circular convolutions of total stride 4, then global average pool | shift by 4 px',
  '3×3 convolution of mirrored kernels, stride 1, zero padding | flip',
  'ReLU | flip',
  'max pool 2×2, stride 2 | flip',
  'global average pool | flip',
  'layer norm | permute tokens',
  'MLP | permute tokens',
  'softmax attention | permute tokens',
  'differential attention | permute tokens',
  'ViT block, preNorm | permute tokens',
  'ViT block, postNorm | permute tokens',
  'ViT block, resPostNorm | permute tokens',
  'ViT block, mlpFirst | permute tokens',
  'ViT block, parallel | permute tokens',
  'ViT block, parallelFused | permute tokens',
  'ViT block, preNorm, differential | permute tokens',
  'attention map, on both axes | permute tokens',
];
const FALSE = [
  '3×3 convolution, stride 1, zero padding | shift by 1 px',
  '3×3 convolution, stride 2, circular padding | shift by 1 px',
  'max pool 2×2, stride 2 | shift by 1 px',
  'circular convolutions of total stride 4, then global average pool | shift by 1 px',
  '3×3 convolution, stride 1, zero padding | flip',
  'ViT block, preNorm, after learned positions | permute tokens',
];

test('layers have exactly the listed symmetries', () => {
  const before = tf.memory().numTensors;
  const rows = layerSymmetries({ seed: 3 });
  assert.equal(tf.memory().numTensors, before, 'no tensor is left');
  const named = (holds: boolean) =>
    rows.filter((row) => row.holds === holds).map(({ subject, action }) => `${subject} | ${action}`);
  assert.deepEqual(named(true), TRUE);
  assert.deepEqual(named(false), FALSE);
  for (const { subject, holds, error } of rows) assert.ok(holds || error > 1e-2, `${subject}: ${error}`);
});

const vit = { family: 'vit', imageSize: 16, classes: 5, patchSize: 4, width: 24, depth: 2, heads: 2 };
const none = { ...vit, positional: 'none' };
for (const [raw, expected] of [
  [none, [false, true, false, true]],
  [{ ...none, pool: 'mean', ordering: 'parallel' }, [false, true, false, true]],
  [{ ...none, attention: 'differential' }, [false, true, false, true]],
  [vit, [false, false, false, false]],
  [{ family: 'resnet', imageSize: 16, classes: 5, depths: [1, 1], widths: [4, 8] }, [false, false, false, false]],
] as const)
  test(`logits under shifts of 1 px, of a patch, a flip, and permuted patches: ${JSON.stringify(raw)}`, (t) => {
    const resolved = resolveModel(raw);
    assert.ok('model' in resolved);
    const network = buildModel(resolved.model, { seed: 2 });
    t.after(() => network.dispose());
    const rows = networkSymmetries(network, { seed: 1, name: 'it' });
    assert.deepEqual(
      rows.map(({ holds }) => holds),
      expected,
    );
    assert.ok(rows.every(({ claim }) => claim === 'invariant'));
  });
