/** The augmentation sets of a stored sweep. */
import { type DatasetChoice, jsonPointer, Spec, type SweepDetail, zodComplaints } from '@ablate/contracts';
import { type AugmentationSet, augmentationSets, expand } from '@ablate/search';
import { ApiError } from '../errors.ts';

/** `dataset`: of the first runs. */
export type Augmentations = { dataset: DatasetChoice; seed: number; sets: AugmentationSet[] };

/** The augmentation sets, with the data set and the seed of the first runs. Refuses (`conflict`) a spec that this version cannot read. */
export function augmentationsOf({ spec: stored }: Pick<SweepDetail, 'spec'>): Augmentations {
  const spec = Spec.safeParse(stored);
  if (!spec.success) {
    const errors = zodComplaints(spec.error).map(({ path, message }) => ({
      pointer: jsonPointer(path),
      detail: message,
    }));
    throw new ApiError(
      'conflict',
      'the spec was submitted to a different version of Ablate, and this version cannot read it',
      errors,
    );
  }
  const expansion = expand(spec.data);
  if ('complaints' in expansion)
    throw new ApiError(
      'conflict',
      'the spec was submitted to a different version of Ablate, and this version cannot read it',
      expansion.complaints,
    );
  const { points } = expansion;
  return {
    dataset: points[0]?.config.dataset ?? spec.data.dataset,
    seed: spec.data.seeds[0] ?? 1,
    sets: augmentationSets(points, spec.data.augment),
  };
}
