/** timm's policies. https://github.com/huggingface/pytorch-image-models/blob/main/timm/data/auto_augment.py */

import type { ImageOp } from '@ablate/contracts';
import { type CountedRandom, drawDirichlet } from '@ablate/random';
import { type Chain, inTurn, mixer } from './chain.ts';
import type { Apply, Color } from './change.ts';
import { TIMM_POLICIES } from './learned.ts';
import { policyChanges } from './policy-changes.ts';
import { type Choices, TIMM_AUGMIX_NAMES, TIMM_CHOICES, TIMM_LEVELS, type TimmName } from './timm-levels.ts';

/** timm moves by at most 45 % of the side, 30 % in AugMix. */
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

/** Adds one of timm's changes at a magnitude, with its noise, to a chain. What comes from outside is the data set's mean colour. */
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

/** `count` of the choices: with replacement where all are alike, without where they have weights, as numpy.random.choice. */
function drawNames({ names, weights }: Choices, random: CountedRandom, count: number): TimmName[] {
  if (weights === null) return Array.from({ length: count }, () => names[random.integer(names.length)]!);
  const left = weights.map((weight, place) => ({ weight, name: names[place]! }));
  return Array.from({ length: Math.min(count, names.length) }, () => {
    let rest = random.uniform() * left.reduce((sum, { weight }) => sum + weight, 0);
    let place = 0;
    while (place < left.length - 1 && rest >= left[place]!.weight) rest -= left[place++]!.weight;
    return left.splice(place, 1)[0]!.name;
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
  const mix = mixer(size);
  return (from, to, random) => {
    const [mixed = 0] = drawDirichlet(random, alpha, 2);
    const shares = drawDirichlet(random, alpha, width).map((share) => share * mixed);
    mix(from, to, { original: 1 - mixed, shares }, (chain) => {
      const length = depth > 0 ? depth : 1 + random.integer(3);
      for (let place = 0; place < length; place++)
        add(chain, random, TIMM_AUGMIX_NAMES[random.integer(TIMM_AUGMIX_NAMES.length)]!, magnitude);
    });
  };
};
