/** The body of `POST /sweeps`: text, which is parsed in a thread. The API page describes what it holds. */
import {
  Adamw,
  CrossvitBranch,
  CrossvitModel,
  Preset,
  ResnetModel,
  Sgd,
  Spec,
  Train,
  VitModel,
} from '@ablate/contracts';
import { z } from 'zod';

const preset = Preset.optional().describe('Gives the fields that are not written');

/** A model as it is written: every field but the family may be left out. The default family is `vit`. */
const WrittenModel = z.union([
  VitModel.partial().extend({ preset }),
  ResnetModel.partial().extend({ family: ResnetModel.shape.family, preset }),
  CrossvitModel.partial().extend({
    ...{ family: CrossvitModel.shape.family, preset },
    ...{ small: CrossvitBranch.partial().optional(), large: CrossvitBranch.partial().optional() },
  }),
]);
const WrittenTrain = Train.extend({
  optimizer: z.union([Adamw.partial(), Sgd]).optional().describe('Optimizer and its parameters; adamw unless named'),
});

const Written = Spec.extend({
  model: WrittenModel.optional().describe('A family or a preset, and fields that differ from its defaults'),
  train: WrittenTrain.optional().describe('Fields of training that differ from the defaults'),
});

/** Accepted as it stands. */
const EXAMPLE = {
  version: 1,
  name: 'patch size and ordering',
  dataset: { name: 'cifar10', samples: 5000 },
  model: { family: 'vit', width: 96, depth: 4 },
  train: { epochs: 5, batchSize: 64, optimizer: { name: 'adamw', learningRate: 0.001 } },
  augment: 'basic',
  seeds: [1, 2, 3],
  space: { 'model.patchSize': [4, 8], 'model.ordering': ['preNorm', 'postNorm'] },
  baseline: { 'model.patchSize': 4, 'model.ordering': 'preNorm' },
};

export const SpecText = z
  .string('must be a JSON object, sent as application/json')
  .meta({ ...z.toJSONSchema(Written, { io: 'input' }), example: EXAMPLE });
