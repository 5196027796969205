import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { resolveModel } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import {
  assignWeights,
  buildClip,
  buildModel,
  type ClipNetwork,
  decodeSafetensors,
  type Float,
  type Network,
  networkWeights,
  normalised,
  observe,
  observePass,
  readWeights,
  type TensorData,
  writeWeights,
} from '@ablate/models';

/** Fixtures are outputs of torchvision, timm and open_clip: see fixtures/models/reference.py. */
const folder = new URL('../fixtures/models/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.safetensors') && !name.startsWith('reference'));

type Fixture = { config: unknown; weights: Map<string, TensorData>; answers: Map<string, TensorData> };

function fixture(name: string): Fixture {
  const { tensors, metadata } = decodeSafetensors(new Uint8Array(readFileSync(new URL(name, folder))));
  const weights = new Map<string, TensorData>();
  const answers = new Map<string, TensorData>();
  for (const [key, tensor] of tensors)
    if (key.startsWith('weights/')) weights.set(key.slice('weights/'.length), tensor);
    else answers.set(key, tensor);
  return { config: JSON.parse(metadata.config ?? '{}'), weights, answers };
}

/** The largest difference of two tensors, relative to the largest absolute value of the second. */
function difference(found: TensorData | undefined, wanted: TensorData | undefined): number {
  assert.ok(found?.dtype === 'F32' && wanted?.dtype === 'F32');
  assert.deepEqual(found.shape, wanted.shape);
  const most = wanted.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return (
    found.data.reduce((max, value, at) => Math.max(max, Math.abs(value - (wanted.data[at] ?? Number.NaN))), 0) / most
  );
}

/** CLIP's outputs for images and token ids, under the names of the fixture. */
function observeClip(network: ClipNetwork, images: Float, tokens: TensorData | undefined): Map<string, Float> {
  assert.ok(tokens?.dtype === 'I32');
  return observePass((context) => {
    const image = network.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), context);
    const text = network.textFeatures(tf.tensor(tokens.data, tokens.shape, 'int32'), context);
    return {
      image_features: image,
      text_features: text,
      logits: network.logits(image, normalised(text).transpose(), context),
    };
  });
}

for (const name of fixtures)
  test(`${name}: logits and attention maps equal the reference’s, and weights survive a round trip`, (t) => {
    const { config, weights, answers } = fixture(name);
    const resolved = resolveModel(config);
    assert.ok('model' in resolved, JSON.stringify(resolved));
    const images = answers.get('images');
    assert.ok(images?.dtype === 'F32');
    const clip = resolved.model.family === 'clip' ? buildClip(resolved.model, { seed: null }) : null;
    const network: Network = clip ?? buildModel(resolved.model, { seed: null });
    t.after(() => network.dispose());
    const { tensors, naming } = readWeights(resolved.model, weights);
    assignWeights(network, tensors);

    const found = clip ? observeClip(clip, images, answers.get('tokens')) : observe(network, images);
    for (const answer of ['logits', ...(clip ? ['image_features', 'text_features'] : [])])
      assert.ok(difference(found.get(answer), answers.get(answer)) < 1e-5, answer);
    const maps = [...answers.keys()].filter((key) => key.startsWith('attention.'));
    for (const map of maps) assert.ok(difference(found.get(map), answers.get(map)) < 1e-5, map);
    assert.deepEqual([...found.keys()].filter((key) => key.startsWith('attention.')).sort(), maps.sort());

    const names = naming.startsWith('torchvision') ? 'torchvision' : naming.replace(/_.*/, '');
    const back = writeWeights(resolved.model, networkWeights(network), { names });
    const trained = [...weights].filter(([key]) => !key.endsWith('num_batches_tracked'));
    assert.deepEqual(new Map([...back].sort()), new Map(trained.sort()));
  });
