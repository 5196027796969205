/** The space of a spec as a search that draws sees it: its points, their configs, and how long these train. */
import {
  type Config,
  canonicalHash,
  configComplaints,
  datasetFacts,
  type PointerComplaint,
  type Spec,
  trainingImages,
} from '@ablate/contracts';
import { openConstraints } from './constraints.ts';
import type { Length } from './decide/rungs.ts';
import { expand, type Point } from './expand.ts';
import { type ConfigCheck, resolver } from './resolve.ts';
import { openSampleSpace, type SampleSpace } from './sample/sample-space.ts';
import { sharedAxes } from './shared-axes.ts';
import { readSubspaces } from './space.ts';

/** How long a config trains. Without the number of its images, lengths compare by epochs. */
export function lengthOf({ dataset, train }: Pick<Config, 'dataset' | 'train'>): Length {
  const samples = dataset.samples ?? datasetFacts(dataset).trainImages;
  return {
    epochs: train.epochs,
    images: samples === undefined ? 1 : trainingImages(samples, dataset.validation),
    leastEpochs: Math.min(train.epochs, Math.ceil(train.schedule.warmupEpochs) + 1),
  };
}

export type SpecSpace = {
  space: SampleSpace;
  /** The config that some axes give, with their values on the axes of a union. @throws RangeError if it is not valid */
  pointOf(axes: Readonly<Record<string, unknown>>): Point;
  /** The longest of the configs that the expansion explores. */
  longest: Length;
};

/** Opens the space of a spec. Complains as `expand` does. */
export function openSpecSpace(
  spec: Spec,
  check: ConfigCheck = configComplaints,
): SpecSpace | { complaints: PointerComplaint[] } {
  const read = readSubspaces(spec);
  const constraints = openConstraints(spec);
  const explored = expand(spec, check);
  if ('complaints' in read) return read;
  if ('invalid' in constraints) return { complaints: constraints.invalid };
  if ('complaints' in explored) return explored;
  const { subspaces } = read;
  const resolve = resolver(spec, check, constraints);
  const shared = sharedAxes(subspaces);
  const space = openSampleSpace(subspaces, (candidate) => {
    const resolved = resolve(candidate);
    return resolved !== 'left out' && 'config' in resolved ? canonicalHash(resolved.config) : null;
  });
  const cost = ({ epochs, images }: Length): number => epochs * images;
  return {
    space,
    pointOf(axes) {
      // Which subspace a point is of does not matter to its config.
      const candidate = { subspace: subspaces[0]!, axes: { ...axes } };
      const resolved = resolve(candidate);
      if (resolved === 'left out') throw new RangeError('a constraint rejects the config that a decision names');
      if ('complaints' in resolved) throw new RangeError(resolved.complaints.map(({ detail }) => detail).join('; '));
      const { config, written } = resolved;
      return { config, axes: shared.fill(candidate, { spec, written, config }), hash: canonicalHash(config) };
    },
    longest: explored.points.map(({ config }) => lengthOf(config)).reduce((a, b) => (cost(b) > cost(a) ? b : a)),
  };
}
