/** The work of a sweep's configs: what each computes for an image, and for how many images. */
import { type Config, type DatasetChoice, datasetFacts, trainingImages } from '@ablate/contracts';

/** Configs that cost the same. */
export type Work = {
  configs: number;
  family: string;
  /** Multiply-accumulates of one forward pass of one image, and trained values. */
  macs: number;
  parameters: number;
  dataset: string;
  /** Images of one epoch of training; null if only the images have their number. */
  epochImages: number | null;
  epochs: number;
} & Evaluated;

/** What a run evaluates: a share of its samples after every epoch, and the test images once, 0 if their number is not known. */
export type Evaluated = { validation: number; testImages: number };

export const evaluatedOf = (dataset: DatasetChoice): Evaluated => ({
  validation: dataset.validation,
  testImages: datasetFacts(dataset).testImages ?? 0,
});

/** Identifies the part of a data set that an epoch goes through. */
export const datasetKey = ({ name, samples, imagesPerClass, classes, validation }: DatasetChoice): string =>
  JSON.stringify([name, samples ?? null, imagesPerClass ?? null, classes ?? null, validation]);

/** The work of each config, those that cost the same together. `costOf` is `modelCost` of `@ablate/models/count`. */
export function workOf(
  points: readonly { config: Config }[],
  costOf: (model: Config['model']) => { macs: number; parameters: number },
): Work[] {
  const costs = new Map<string, { macs: number; parameters: number }>();
  const groups = new Map<string, Work>();
  for (const { config } of points) {
    const { model, dataset, train } = config;
    const text = JSON.stringify(model);
    const { macs, parameters } = costs.get(text) ?? costOf(model);
    costs.set(text, { macs, parameters });
    const samples = dataset.samples ?? datasetFacts(dataset).trainImages;
    const epochImages = samples === undefined ? null : trainingImages(samples, dataset.validation);
    const key = datasetKey(dataset);
    const group = `${model.family} ${macs} ${parameters} ${train.epochs} ${key}`;
    const known = groups.get(group);
    if (known) known.configs++;
    else
      groups.set(group, {
        ...{ configs: 1, family: model.family, macs, parameters },
        ...{ dataset: key, epochImages, epochs: train.epochs, ...evaluatedOf(dataset) },
      });
  }
  return [...groups.values()];
}
