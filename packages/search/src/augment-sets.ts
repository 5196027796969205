/** The distinct augmentations of the configs of a sweep. */
import { type AugmentOp, augmentHash, augmentOps, type Config } from '@ablate/contracts';

/** `label` is the text in the spec if it is text, otherwise the names of the operations. */
export type AugmentationSet = { label: string; hash: string; ops: readonly AugmentOp[] };

const labelOf = (written: unknown, ops: readonly AugmentOp[]): string =>
  typeof written === 'string' ? written : ops.map(({ op }) => op).join(' ') || 'none';

/**
 * In the order of their first point.
 * @param written the `augment` part of the spec, for points whose augmentation no axis sets
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
