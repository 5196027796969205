import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveModel } from '@ablate/contracts';
import { describeParameters } from '@ablate/models';
import { decays } from '@ablate/training';

/** Trained tensors with more than one axis that do not decay: those that are added to the input. */
const UNDECAYED: [Record<string, unknown>, string[]][] = [
  [{ preset: 'vit_tiny_16', attention: 'differential' }, ['cls_token', 'pos_embed']],
  [{ preset: 'vit_tiny_16', positional: 'learned2d' }, ['cls_token', 'pos_embed_column', 'pos_embed_row']],
  [{ preset: 'crossvit_9' }, ['cls_token_0', 'cls_token_1', 'pos_embed_0', 'pos_embed_1']],
  [{ preset: 'resnet18' }, []],
];
for (const [raw, expected] of UNDECAYED)
  test(`weight decay skips biases, gains, positions and class tokens of ${JSON.stringify(raw)}`, () => {
    const resolved = resolveModel(raw);
    assert.ok('model' in resolved);
    const trained = [...describeParameters(resolved.model)].filter(([, { trainable }]) => trainable);
    const kept = trained.filter(([name, { shape }]) => !decays(name, shape));
    assert.deepEqual(
      kept
        .filter(([, { shape }]) => shape.length > 1)
        .map(([name]) => name)
        .sort(),
      expected,
    );
    assert.ok(kept.every(([name, { shape }]) => shape.length < 2 || /cls_token|pos_embed/.test(name)));
    assert.ok(
      trained
        .filter(([name]) => /(norm|bn)\d?\.weight$|bias$|lambda/.test(name))
        .every(([name, { shape }]) => !decays(name, shape)),
    );
  });
