/** The `augment` part of a spec: a named set, or a list of operations. */
import { z } from 'zod';

const probability = z.number().min(0).max(1);

export const AugmentOp = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('crop'), padding: z.int().min(0).max(64).default(4), p: probability.default(1) }),
  z.strictObject({ op: z.literal('flip'), p: probability.default(0.5) }),
]);
export type AugmentOp = z.infer<typeof AugmentOp>;

/** Named sets: what each stands for. `basic` is the crop and flip of the CIFAR papers. */
export const AUGMENT_SETS = {
  none: [],
  flip: [{ op: 'flip', p: 0.5 }],
  basic: [
    { op: 'crop', padding: 4, p: 1 },
    { op: 'flip', p: 0.5 },
  ],
} as const satisfies Record<string, readonly AugmentOp[]>;

export const AugmentSet = z.enum(
  Object.keys(AUGMENT_SETS) as [keyof typeof AUGMENT_SETS, ...(keyof typeof AUGMENT_SETS)[]],
);
export const Augment = z.union([AugmentSet, z.array(AugmentOp).max(16)], {
  error: `must be one of ${Object.keys(AUGMENT_SETS).join(', ')}, or a list of { op, … }`,
});
export type Augment = z.infer<typeof Augment>;

/** The operations that a choice stands for, in the order in which they are applied. */
export const augmentOps = (augment: Augment): readonly AugmentOp[] =>
  typeof augment === 'string' ? AUGMENT_SETS[augment] : augment;
