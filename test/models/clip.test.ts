import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '@ablate/engine';
import { buildClip, normalised, promptsOf, type Tokenizer, zeroShotClassifier } from '@ablate/models';
import { assertNear, context, jitter, model, noise } from './support.ts';

const SMALL = {
  family: 'clip',
  imageSize: 64,
  embedding: 6,
  vision: { depths: [1, 1, 1, 1], width: 4, heads: 4 },
  text: { context: 12, vocabulary: 40, width: 8, heads: 2, depth: 2 },
};
const END = 39;

function open(t: { after: (end: () => void) => void }) {
  const config = model(SMALL);
  assert.ok(config.family === 'clip');
  const network = buildClip(config, { seed: 1 });
  t.after(() => network.dispose());
  jitter(network);
  return network;
}

test('features have the embedding’s width; maps are shown', (t) => {
  const network = open(t);
  tf.tidy(() => {
    const shapes: Record<string, number[]> = {};
    const look = (name: string, value: tf.Tensor) => {
      shapes[name] = value.shape;
    };
    const given = context({ look });
    assert.deepEqual(network.imageFeatures(noise([2, 64, 64, 3], 'images'), given).shape, [2, 6]);
    assert.deepEqual(network.textFeatures(tf.tensor2d([[1, 5, END, 0, 0]], [1, 5], 'int32'), given).shape, [1, 6]);
    assert.deepEqual(shapes, {
      'attention.pool': [2, 4, 1, 5],
      features: [2, 6],
      'attention.text.0': [1, 2, 5, 5],
      'attention.text.1': [1, 2, 5, 5],
    });
  });
});

test('every weight gets a gradient from the similarity of images and texts', (t) => {
  const network = open(t);
  tf.tidy(() => {
    const images = noise([3, 64, 64, 3], 'images');
    const texts = tf.tensor2d([1, 5, 7, END, 0, 0, 1, 9, END, 0, 0, 0, 1, 2, 3, 4, 6, END], [3, 6], 'int32');
    const given = context({ training: true });
    const loss = () => {
      const classifier = normalised(network.textFeatures(texts, given)).transpose();
      const logits = network.logits(network.imageFeatures(images, given), classifier, given);
      return logits.mul(noise([3, 3], 'weights of the loss')).sum() as tf.Scalar;
    };
    const { grads } = tf.variableGrads(loss, [...network.parameters.values()]);
    for (const [name, variable] of network.parameters) {
      const most = grads[variable.name]?.abs().max().dataSync()[0] ?? 0;
      assert.ok(Number.isFinite(most) && most > 0, `${name} is never trained (${most})`);
    }
  });
});

test('a text is read at its end token, and tokens after it have no effect', (t) => {
  const network = open(t);
  tf.tidy(() => {
    const read = (ids: number[]) =>
      network.textFeatures(tf.tensor2d(ids, [1, ids.length], 'int32'), context()).dataSync();
    const wanted = read([1, 5, 7, END, 0, 0]);
    assertNear(read([1, 5, 7, END]), wanted, 1e-5);
    assertNear(read([1, 5, 7, END, 8, 9, 10]), wanted, 1e-5);
    assert.ok(Math.abs((read([1, 6, 7, END])[0] ?? 0) - (wanted[0] ?? 0)) > 1e-4);
    assert.throws(() => read(Array.from({ length: 13 }, () => 1)), /texts have 13 tokens; the context has 12/);
  });
});

test('the pool’s positions distinguish positions of the map', (t) => {
  const network = open(t);
  tf.tidy(() => {
    const images = noise([1, 64, 64, 3], 'images');
    const mirrored = images.reverse(2);
    const [one, other] = [images, mirrored].map((x) => network.imageFeatures(x, context()).dataSync());
    assert.notDeepEqual(one, other);
  });
});

/** Word lengths as ids: enough to tell prompts apart. */
const lengths: Tokenizer = {
  encode: (text) => text.split(' ').map((word) => word.length),
  tokenize: (texts, { context: length = 77 } = {}) =>
    Int32Array.from(
      texts.flatMap((text) => {
        const ids = [1, ...lengths.encode(text), END];
        return [...ids, ...Array.from({ length: length - ids.length }, () => 0)];
      }),
    ),
};

test('zero-shot: each class is the mean of its normalised prompts, normalised; logits are temperature times cosine', (t) => {
  const network = open(t);
  const classes = ['cat', 'airplane'];
  const classifier = zeroShotClassifier({ network, tokenizer: lengths, classes, prompts: 'seven' }, context());
  t.after(() => classifier.dispose());
  assert.deepEqual(classifier.shape, [6, 2]);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const unit = (row: number[]) => row.map((v) => v / Math.hypot(...row));
    const expected = classes.map((name) => {
      const texts = promptsOf('seven', name);
      const ids = tf.tensor2d(lengths.tokenize(texts, { context: 12 }), [7, 12], 'int32');
      const rows = (network.textFeatures(ids, context()).arraySync() as number[][]).map(unit);
      return unit(rows.reduce((sum, row) => sum.map((v, i) => v + (row[i] ?? 0))));
    });
    assertNear(classifier.transpose().dataSync(), expected.flat(), 1e-5);
    const features = noise([2, 6], 'features');
    const scale = Math.exp(network.parameters.get('logit_scale')?.dataSync()[0] ?? Number.NaN);
    const cosines = (features.arraySync() as number[][]).map((row) =>
      expected.map((column) => scale * unit(row).reduce((sum, v, i) => sum + v * (column[i] ?? 0), 0)),
    );
    assertNear(network.logits(features, classifier, context()).dataSync(), cosines.flat(), 1e-5);
  });
  assert.equal(tf.memory().numTensors, before);
});
