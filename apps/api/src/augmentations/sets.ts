/** The augmentation sets of a stored sweep. */
import type { SweepDetail } from '@ablate/contracts';
import { type AugmentationSet, augmentationSets } from '@ablate/search';
import type { SpecReader } from '@ablate/sweeps';
import { ApiError } from '../errors.ts';

export type Augmentations = { dataset: string; seed: number; sets: AugmentationSet[] };

const UNREADABLE = 'the spec was submitted to a different version of Ablate, and this version cannot read it';

/** The augmentation sets, with the data set and the seed of the first runs. Refuses (`conflict`) a spec that this version cannot read. */
export async function augmentationsOf(
  { spec: stored }: Pick<SweepDetail, 'spec'>,
  { reader, signal }: { reader: SpecReader; signal: AbortSignal },
): Promise<Augmentations> {
  const reading = await reader.read(JSON.stringify(stored), signal);
  if (!('spec' in reading))
    throw new ApiError('conflict', UNREADABLE, 'complaints' in reading ? reading.complaints : []);
  const { spec, expansion } = reading;
  if ('complaints' in expansion) throw new ApiError('conflict', UNREADABLE, expansion.complaints);
  const { points } = expansion;
  return {
    dataset: points[0]?.config.dataset.name ?? spec.dataset.name,
    seed: spec.seeds[0] ?? 1,
    sets: augmentationSets(points, spec.augment),
  };
}
