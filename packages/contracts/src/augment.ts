/** The `augment` part of a spec: a named set, a timm string or a list of operations; and the operations that it expands to. */
import { z } from 'zod';
import { AugmentOp, type ImageOp, type MixOp, type NormaliseOp } from './augment-op.ts';
import { AUGMENT_SETS, AugmentSet } from './augment-sets.ts';
import { ALLOWED, readAugmentText } from './augment-text.ts';
import { canonicalHash } from './hash.ts';

const MAX_OPS = 32;

const text = z.string().max(500);
const refuseText = (value: string, issues: z.core.$ZodRawIssue[]): void => {
  const read = readAugmentText(value);
  if ('complaint' in read) issues.push({ code: 'custom', input: value, message: read.complaint });
};

const AugmentText = text.check(({ value, issues }) => refuseText(value, issues));

export const Augment = z.union([AugmentText, z.array(z.union([AugmentText, AugmentOp])).max(MAX_OPS)], {
  error: ({ input }) => complaintOf(input) ?? `must be text or a list: ${ALLOWED}`,
});
export type Augment = z.infer<typeof Augment>;

const complaintOf = (input: unknown): string | undefined => {
  if (typeof input !== 'string') return undefined;
  const read = readAugmentText(input);
  return 'complaint' in read ? read.complaint : undefined;
};

const expandText = (value: string): AugmentOp[] => {
  const read = readAugmentText(value);
  if ('complaint' in read) throw new RangeError(read.complaint);
  return read.ops;
};

/** Expands a choice to its operations, with every default, in the order of application. A config holds this list. */
export const augmentOps = (augment: Augment): readonly AugmentOp[] =>
  (typeof augment === 'string' ? [augment] : augment).flatMap((item) =>
    typeof item === 'string' ? expandText(item) : [item],
  );

/** SHA-256 of the operations that a choice expands to: independent of how the choice is written. */
export const augmentHash = (augment: Augment): string => canonicalHash(augmentOps(augment));

const NAMES = new Map(
  AugmentSet.options.map((name): [string, AugmentSet] => [canonicalHash(AUGMENT_SETS[name]), name]).reverse(),
);

/** The name for a hash of `augmentHash`: that of its set, otherwise `custom` and the start of the hash. */
export const augmentName = (hash: string): string => NAMES.get(hash) ?? `custom ${hash.slice(0, 8)}`;

const isMix = (op: AugmentOp): op is MixOp => op.op === 'mixup' || op.op === 'cutmix';

/** The operations on one image, in order. */
export const imageOps = (ops: readonly AugmentOp[]): ImageOp[] =>
  ops.filter((op): op is ImageOp => !isMix(op) && op.op !== 'normalise');

/** Mixup and CutMix. A batch is mixed by at most one of them, with the probability of its `p`; these sum to at most 1. */
export const mixOps = (ops: readonly AugmentOp[]): MixOp[] => ops.filter(isMix);

/** Mean and deviation that replace those of the data set in training and evaluation; the last one in the list. */
export const normaliseOp = (ops: readonly AugmentOp[]): NormaliseOp | undefined =>
  ops.findLast((op): op is NormaliseOp => op.op === 'normalise');
