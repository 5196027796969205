/** The sweep that every engine trains: a ViT in two patch sizes and two orderings, ResNet-20 and ResNet-18. */
import { type Config, Spec } from '@ablate/contracts';
import { expand } from '@ablate/search';

export type Size = { images: number; epochs: number; seeds: number };

/** Training images on which the train accuracy of each epoch is measured, by every engine. */
export const TRAIN_IMAGES = 2_000;

const VIT = { family: 'vit', width: 192, depth: 6, heads: 3 };

export const sweepSpec = ({ images, epochs, seeds }: Size): Spec =>
  Spec.parse({
    version: 1,
    name: 'bench sweep',
    reuse: false,
    dataset: { name: 'cifar10', samples: images, validation: 0.1, splitSeed: 0 },
    train: {
      epochs,
      batchSize: 128,
      schedule: { name: 'cosine', warmupEpochs: 0.5 },
      evaluate: { trainImages: TRAIN_IMAGES },
    },
    augment: 'flip',
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    space: [
      { model: [VIT], 'model.patchSize': [4, 8], 'model.ordering': ['preNorm', 'parallel'] },
      {
        model: [{ preset: 'resnet20' }, { preset: 'resnet18', stem: 'cifar' }],
        'train.optimizer': [{ name: 'sgd', learningRate: 0.1 }],
      },
    ],
  });

/** One run as the other engines get it. */
export type BenchRun = {
  name: string;
  seed: number;
  model: Config['model'];
  optimizer: Config['train']['optimizer'];
  warmupEpochs: number;
};

/** The runs of a spec in Ablate's order: seed by seed. */
export function runsOf(spec: Spec): BenchRun[] {
  const expansion = expand(spec);
  if (!('points' in expansion)) throw new Error(expansion.complaints.map(({ detail }) => detail).join('; '));
  return spec.seeds.flatMap((seed) =>
    expansion.points.map(({ config: { model, train } }, i) => ({
      name: `config ${i}, seed ${seed}`,
      seed,
      model,
      optimizer: train.optimizer,
      warmupEpochs: train.schedule.warmupEpochs,
    })),
  );
}
