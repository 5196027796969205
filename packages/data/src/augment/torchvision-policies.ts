/** Policies with torchvision's levels. https://github.com/pytorch/vision/blob/main/torchvision/transforms/v2/_auto_augment.py */
import type { ImageOp } from '@ablate/contracts';
import { type CountedRandom, drawDirichlet } from '@ablate/random';
import { roundEven } from '../image/resize.ts';
import { type Chain, chainMixer, inTurn } from './chain.ts';
import type { Apply, Color } from './change.ts';
import { TORCHVISION_POLICIES } from './learned.ts';
import { type ChangeName, policyChanges } from './policy-changes.ts';

/** An argument for each level, and whether its sign is random; null: no argument. */
type Levels = { signed: boolean; at: (level: number) => number } | null;
type Space = Partial<Record<ChangeName | 'identity', Levels>>;

/** `torch.linspace(first, last, count)` in 32-bit floats, as a function of the index. */
function linspace(first: number, last: number, count: number): (index: number) => number {
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  const half = Math.floor(count / 2);
  return (index) =>
    index < half
      ? Math.fround(first + Math.fround(step * index))
      : Math.fround(last - Math.fround(step * (count - 1 - index)));
}

type Strengths = {
  shear: number;
  /** Pixels. */
  translate: number;
  rotate: number;
  color: number;
  /** Bits kept at level 0, and bits lost between it and the last level. */
  bits: readonly [kept: number, lost: number];
};

function space(count: number, { shear, translate, rotate, color, bits: [kept, lost] }: Strengths): Space {
  const signed = (last: number): Levels => ({ signed: true, at: linspace(0, last, count) });
  const pixels = linspace(0, translate, count);
  const factor = linspace(0, color, count);
  const aroundOne: Levels = { signed: true, at: factor };
  const bitsLost = (level: number): number => Math.fround(level / Math.fround((count - 1) / lost));
  return {
    shearX: signed(shear),
    shearY: signed(shear),
    translateX: { signed: true, at: (level) => pixels(level) },
    translateY: { signed: true, at: (level) => pixels(level) },
    rotate: signed(rotate),
    brightness: aroundOne,
    color: aroundOne,
    contrast: aroundOne,
    sharpness: aroundOne,
    posterize: { signed: false, at: (level) => roundEven(Math.fround(kept - bitsLost(level))) },
    solarize: { signed: false, at: linspace(1, 0, count) },
    autocontrast: null,
    equalize: null,
  };
}

/** From torchvision's magnitude to the change's argument. */
const ARGUMENT: Partial<Record<ChangeName, (magnitude: number) => number>> = {
  // torchvision's affine moves the content, by truncated pixels.
  translateX: (magnitude) => -Math.trunc(magnitude),
  translateY: (magnitude) => -Math.trunc(magnitude),
  brightness: (magnitude) => 1 + magnitude,
  color: (magnitude) => 1 + magnitude,
  contrast: (magnitude) => 1 + magnitude,
  sharpness: (magnitude) => 1 + magnitude,
  solarize: (magnitude) => 255 * magnitude,
};

export const SPACES = {
  trivial: (levels: number): Space => ({
    identity: null,
    ...space(levels, { shear: 0.99, translate: 32, rotate: 135, color: 0.99, bits: [8, 6] }),
  }),
  randaugment: (levels: number, size: number): Space => ({
    identity: null,
    ...space(levels, { shear: 0.3, translate: (150 / 331) * size, rotate: 30, color: 0.9, bits: [8, 4] }),
  }),
  autoaugment: (size: number): Space => ({
    ...space(10, { shear: 0.3, translate: (150 / 331) * size, rotate: 30, color: 0.9, bits: [8, 4] }),
    invert: null,
  }),
  augmix: (size: number): Space => space(10, { shear: 0.3, translate: size / 3, rotate: 30, color: 0.9, bits: [4, 4] }),
};

/** The argument of a change at a level; `sign` is drawn only for signed levels. */
function argumentAt(space: Space, name: ChangeName, level: number, sign: () => number): number {
  const levels = space[name];
  if (!levels) return 0;
  const magnitude = levels.at(level) * (levels.signed ? sign() : 1);
  return ARGUMENT[name]?.(magnitude) ?? magnitude;
}

type Policy<Name extends ImageOp['op']> = (
  op: Extract<ImageOp, { op: Name }>,
  built: { size: number; fill: Color },
) => Apply;

/** Appends the change `name` to a chain. */
function adder(
  space: Space,
  { size, fill, interpolation }: { size: number; fill: Color; interpolation: 'nearest' | 'bilinear' | 'bicubic' },
) {
  const changes = policyChanges(size);
  const around = { interpolation, fill };
  return (chain: Chain, random: CountedRandom, name: ChangeName, level: number): void => {
    const argument = argumentAt(space, name, level, () => (random.uniform() < 0.5 ? -1 : 1));
    chain((from, to) => changes[name](from, to, argument, around));
  };
}

const namesOf = (space: Space): (ChangeName | 'identity')[] => Object.keys(space) as (ChangeName | 'identity')[]; // the keys of a Space

/** One random change at a random level: Müller and Hutter, "TrivialAugment", 2021, the wide space. */
export const trivial: Policy<'trivial'> = ({ levels, interpolation }, { size, fill }) => {
  const space = SPACES.trivial(levels);
  const names = namesOf(space);
  const add = adder(space, { size, fill, interpolation });
  return inTurn(size, (chain, random) => {
    const name = names[random.integer(names.length)]!;
    const level = random.integer(levels);
    if (name !== 'identity') add(chain, random, name, level);
  });
};

/** `layers` random changes at the same level: Cubuk et al., "RandAugment", 2020. */
export const randaugment: Policy<'randaugment'> = ({ layers, magnitude, levels, interpolation }, { size, fill }) => {
  const space = SPACES.randaugment(levels, size);
  const names = namesOf(space);
  const add = adder(space, { size, fill, interpolation });
  return inTurn(size, (chain, random) => {
    for (let layer = 0; layer < layers; layer++) {
      const name = names[random.integer(names.length)]!;
      if (name !== 'identity') add(chain, random, name, magnitude);
    }
  });
};

/** One of 25 learned pairs of changes. */
export const autoaugment: Policy<'autoaugment'> = ({ policy, interpolation }, { size, fill }) => {
  const add = adder(SPACES.autoaugment(size), { size, fill, interpolation });
  const pairs = TORCHVISION_POLICIES[policy];
  return inTurn(size, (chain, random) => {
    for (const { name, p, level } of pairs[random.integer(pairs.length)]!)
      if (random.uniform() < p) add(chain, random, name, level);
  });
};

/** A mixture of several chains of changes and the image: Hendrycks et al., "AugMix", 2020. */
export const augmix: Policy<'augmix'> = ({ severity, width, depth, alpha, interpolation }, { size, fill }) => {
  const space = SPACES.augmix(size);
  const names = namesOf(space) as ChangeName[]; // this space has no identity
  const add = adder(space, { size, fill, interpolation });
  const mix = chainMixer(size);
  return (from, to, random) => {
    const [original = 1, mixed = 0] = drawDirichlet(random, alpha, 2);
    const shares = drawDirichlet(random, alpha, width).map((share) => share * mixed);
    mix(from, to, { original, shares }, (chain) => {
      const length = depth > 0 ? depth : 1 + random.integer(3);
      for (let index = 0; index < length; index++)
        add(chain, random, names[random.integer(names.length)]!, random.integer(severity));
    });
  };
};
