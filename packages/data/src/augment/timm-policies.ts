/** timm's policies. https://github.com/huggingface/pytorch-image-models/blob/main/timm/data/auto_augment.py */
import type { ImageOp } from '@ablate/contracts';
import { type CountedRandom, drawDirichlet } from '@ablate/random';
import { type Chain, chainMixer, inTurn } from './chain.ts';
import type { Apply, Color } from './change.ts';
import { TIMM_POLICIES } from './learned.ts';
import { policyChanges } from './policy-changes.ts';
import { type Choices, TIMM_AUGMIX_NAMES, TIMM_CHOICES, TIMM_LEVELS, type TimmName } from './timm-levels.ts';

/** Largest translation, as a share of the side. */
const SHIFT = 0.45;
const AUGMIX_SHIFT = 0.3;

type Policy<Name extends ImageOp['op']> = (
  op: Extract<ImageOp, { op: Name }>,
  built: { size: number; mean: Color },
) => Apply;

type Noise = { deviation: number | 'uniform'; limit: number };

function drawMagnitude(random: CountedRandom, magnitude: number, { deviation, limit }: Noise): number {
  const drawn =
    deviation === 'uniform'
      ? magnitude * random.uniform()
      : deviation > 0
        ? magnitude + deviation * random.normal()
        : magnitude;
  return Math.max(0, Math.min(limit, drawn));
}

type Interpolation = 'random' | 'nearest' | 'bilinear' | 'bicubic';

/** Appends one of timm's changes to a chain, at a magnitude with noise. Pixels from outside get the data set's mean colour. */
function adder(
  size: number,
  fill: Color,
  { shift, interpolation, ...noise }: Noise & { shift: number; interpolation: Interpolation },
) {
  const changes = policyChanges(size);
  return (chain: Chain, random: CountedRandom, name: TimmName, magnitude: number): void => {
    const { change, argument } = TIMM_LEVELS[name];
    const drawn = argument(drawMagnitude(random, magnitude, noise), { random, size, shift });
    const chosen = interpolation === 'random' ? (random.uniform() < 0.5 ? 'bilinear' : 'bicubic') : interpolation;
    if (change === 'posterize' && drawn >= 8) return;
    chain((from, to) => changes[change](from, to, drawn, { interpolation: chosen, fill }));
  };
}

/** Draw `count` choices: with replacement if unweighted, without if weighted (numpy.random.choice). */
function drawNames({ names, weights }: Choices, random: CountedRandom, count: number): TimmName[] {
  if (weights === null) return Array.from({ length: count }, () => names[random.integer(names.length)]!);
  const left = weights.map((weight, index) => ({ weight, name: names[index]! }));
  return Array.from({ length: Math.min(count, names.length) }, () => {
    let rest = random.uniform() * left.reduce((sum, { weight }) => sum + weight, 0);
    let index = 0;
    while (index < left.length - 1 && rest >= left[index]!.weight) rest -= left[index++]!.weight;
    return left.splice(index, 1)[0]!.name;
  });
}

export const timmRandaugment: Policy<'timmRandaugment'> = (
  { layers, magnitude, deviation, limit, layerP, transforms, interpolation },
  { size, mean },
) => {
  const add = adder(size, mean, { deviation, limit, shift: SHIFT, interpolation });
  return inTurn(size, (chain, random) => {
    for (const name of drawNames(TIMM_CHOICES[transforms], random, layers))
      if (random.uniform() < layerP) add(chain, random, name, magnitude);
  });
};

export const timmAutoaugment: Policy<'timmAutoaugment'> = ({ policy, deviation, interpolation }, { size, mean }) => {
  const add = adder(size, mean, { deviation, limit: 10, shift: SHIFT, interpolation });
  const subPolicies = TIMM_POLICIES[policy];
  return inTurn(size, (chain, random) => {
    for (const { name, p, level } of subPolicies[random.integer(subPolicies.length)]!)
      if (random.uniform() < p) add(chain, random, name, level);
  });
};

export const timmAugmix: Policy<'timmAugmix'> = (
  { magnitude, width, depth, alpha, deviation, interpolation },
  { size, mean },
) => {
  const add = adder(size, mean, { deviation, limit: 10, shift: AUGMIX_SHIFT, interpolation });
  const mix = chainMixer(size);
  return (from, to, random) => {
    const [mixed = 0] = drawDirichlet(random, alpha, 2);
    const shares = drawDirichlet(random, alpha, width).map((share) => share * mixed);
    mix(from, to, { original: 1 - mixed, shares }, (chain) => {
      const length = depth > 0 ? depth : 1 + random.integer(3);
      for (let index = 0; index < length; index++)
        add(chain, random, TIMM_AUGMIX_NAMES[random.integer(TIMM_AUGMIX_NAMES.length)]!, magnitude);
    });
  };
};
