/** The augmentation sets of a sweep: what its configs do to images, each once. */
import { type AugmentOp, augmentHash, augmentOps, type Config } from '@ablate/contracts';

/** `label` is how the spec writes it where that is one text, else the operations. */
export type AugmentationSet = { label: string; hash: string; ops: readonly AugmentOp[] };

const labelOf = (written: unknown, ops: readonly AugmentOp[]): string =>
  typeof written === 'string' ? written : ops.map(({ op }) => op).join(' ') || 'none';

/**
 * In the order in which the points name them.
 * @param written the `augment` part of the spec, which holds where no axis sets it
 */
export function augmentationSets(
  points: readonly { config: Pick<Config, 'augment'>; axes: Record<string, unknown> }[],
  written: unknown,
): AugmentationSet[] {
  const sets = new Map<string, AugmentationSet>();
  for (const { config, axes } of points) {
    const hash = augmentHash(config.augment);
    const ops = augmentOps(config.augment);
    if (!sets.has(hash)) sets.set(hash, { label: labelOf(axes.augment ?? written, ops), hash, ops });
  }
  return [...sets.values()];
}
