/** Named sets of operations. */
import { z } from 'zod';
import { AugmentOp } from './augment-op.ts';

const ops = (...written: z.input<typeof AugmentOp>[]): readonly AugmentOp[] => written.map((op) => AugmentOp.parse(op));

const cropAndFlip = [{ op: 'crop', padding: 4 }, { op: 'flip' }] as const;

/**
 * `basic` is the crop and flip of the CIFAR papers. Sets with a policy apply it after them, as these papers do on CIFAR,
 * with torchvision's default parameters. For a policy alone, write it as an operation.
 */
export const AUGMENT_SETS = {
  none: ops(),
  flip: ops({ op: 'flip' }),
  basic: ops(...cropAndFlip),
  trivial: ops(...cropAndFlip, { op: 'trivial' }),
  randaugment: ops(...cropAndFlip, { op: 'randaugment' }),
  'autoaugment-cifar10': ops(...cropAndFlip, { op: 'autoaugment', policy: 'cifar10' }),
  augmix: ops(...cropAndFlip, { op: 'augmix' }),
} as const;

export const AugmentSet = z.enum(
  Object.keys(AUGMENT_SETS) as [keyof typeof AUGMENT_SETS, ...(keyof typeof AUGMENT_SETS)[]],
);
export type AugmentSet = z.infer<typeof AugmentSet>;
