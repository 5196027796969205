/** A sweep at another scale: the same spec with other numbers of samples, epochs and seeds. */
import { type Axis, isRecord, KNOWN_DATASETS, Spec, UserError } from '@ablate/contracts';
import type { Scale } from './study-text.ts';

type Ratios = { samples: number; epochs: number };

/** Axes whose values are numbers of samples or epochs: they keep their ratio to the number of the scale. */
const SCALED: Readonly<Record<string, keyof Ratios>> = {
  'dataset.samples': 'samples',
  'train.epochs': 'epochs',
};

const times = (value: unknown, ratio: number): unknown =>
  typeof value === 'number' ? Math.max(1, Math.round(value * ratio)) : value;

const scaledAxis = (axis: Axis, ratio: number): Axis =>
  Array.isArray(axis) ? axis.map((value) => times(value, ratio)) : axis;

/** The number of training images that a scale uses. @throws UserError if only the data set knows */
function imagesOf({ samples }: Scale, name: string): number {
  if (samples !== 'all') return samples;
  const images = KNOWN_DATASETS[name]?.trainImages;
  if (images === undefined)
    throw new UserError(`the number of images of ${name} is unknown: write it as samples of the scale`, 'usage');
  return images;
}

/** Warm-up is a part of training, so it keeps its share of the epochs. */
function scaledTrain(train: Spec['train'], epochs: number, ratio: number): Spec['train'] {
  const { schedule } = train;
  const warmup = isRecord(schedule) ? schedule.warmupEpochs : undefined;
  return {
    ...train,
    epochs,
    ...(typeof warmup === 'number' && ratio !== 1
      ? { schedule: { ...(isRecord(schedule) ? schedule : {}), warmupEpochs: Number((warmup * ratio).toPrecision(6)) } }
      : {}),
  };
}

export type Rescaling = {
  /** The scale at which the spec is written. */
  from: Scale;
  to: Scale;
  name: string;
  /** Replaces the data set: images of another name. */
  dataset?: string | undefined;
};

/** The spec at a scale, under a name. Axes over samples and epochs keep the ratios of their values. */
export function scaledSpec(spec: Spec, { from, to, name, dataset }: Rescaling): Spec {
  const data = spec.dataset.name;
  const ratios = { samples: imagesOf(to, data) / imagesOf(from, data), epochs: to.epochs / from.epochs };
  const rescaled = (path: string, axis: Axis): Axis => {
    const ratio = SCALED[path];
    return ratio === undefined ? axis : scaledAxis(axis, ratios[ratio]);
  };
  const spaces = [spec.space]
    .flat()
    .map((axes) => Object.fromEntries(Object.entries(axes).map(([path, axis]) => [path, rescaled(path, axis)])));
  const baseline =
    spec.baseline &&
    Object.fromEntries(
      Object.entries(spec.baseline).map(([path, value]) => {
        const ratio = SCALED[path];
        return [path, ratio === undefined ? value : times(value, ratios[ratio])];
      }),
    );
  const { samples: _, ...chosen } = spec.dataset;
  return Spec.parse({
    ...spec,
    name,
    dataset: {
      ...chosen,
      ...(to.samples === 'all' ? {} : { samples: to.samples }),
      ...(dataset === undefined ? {} : { name: dataset }),
    },
    train: scaledTrain(spec.train, to.epochs, ratios.epochs),
    seeds: Array.from({ length: to.seeds }, (_, i) => i + 1),
    space: Array.isArray(spec.space) ? spaces : (spaces[0] ?? {}),
    ...(baseline === undefined ? {} : { baseline }),
  });
}
