/** AutoAugment's learned policies: Cubuk et al., "AutoAugment: learning augmentation policies from data", 2019, appendix; as in torchvision and timm 1.0. */
import type { TimmPolicy } from '@ablate/contracts';
import type { ChangeName } from './policy-changes.ts';
import type { TimmName } from './timm-levels.ts';

/** One half of a sub-policy: a change with probability `p`, at a `level` of 0 to 10 (in torchvision 0 to 9). */
type Half<Name extends string = ChangeName> = { name: Name; p: number; level: number };
export type SubPolicy<Name extends string = ChangeName> = readonly Half<Name>[];

const two = <Name extends string>(
  first: Name,
  firstP: number,
  firstLevel: number,
  second: Name,
  secondP: number,
  secondLevel: number,
): SubPolicy<Name> => [
  { name: first, p: firstP, level: firstLevel },
  { name: second, p: secondP, level: secondLevel },
];

const cifar10: readonly SubPolicy[] = [
  two('invert', 0.1, 0, 'contrast', 0.2, 6),
  two('rotate', 0.7, 2, 'translateX', 0.3, 9),
  two('sharpness', 0.8, 1, 'sharpness', 0.9, 3),
  two('shearY', 0.5, 8, 'translateY', 0.7, 9),
  two('autocontrast', 0.5, 0, 'equalize', 0.9, 0),
  two('shearY', 0.2, 7, 'posterize', 0.3, 7),
  two('color', 0.4, 3, 'brightness', 0.6, 7),
  two('sharpness', 0.3, 9, 'brightness', 0.7, 9),
  two('equalize', 0.6, 0, 'equalize', 0.5, 0),
  two('contrast', 0.6, 7, 'sharpness', 0.6, 5),
  two('color', 0.7, 7, 'translateX', 0.5, 8),
  two('equalize', 0.3, 0, 'autocontrast', 0.4, 0),
  two('translateY', 0.4, 3, 'sharpness', 0.2, 6),
  two('brightness', 0.9, 6, 'color', 0.2, 8),
  two('solarize', 0.5, 2, 'invert', 0.0, 0),
  two('equalize', 0.2, 0, 'autocontrast', 0.6, 0),
  two('equalize', 0.2, 0, 'equalize', 0.6, 0),
  two('color', 0.9, 9, 'equalize', 0.6, 0),
  two('autocontrast', 0.8, 0, 'solarize', 0.2, 8),
  two('brightness', 0.1, 3, 'color', 0.7, 0),
  two('solarize', 0.4, 5, 'autocontrast', 0.9, 0),
  two('translateY', 0.9, 9, 'translateY', 0.7, 9),
  two('autocontrast', 0.9, 0, 'solarize', 0.8, 3),
  two('equalize', 0.8, 0, 'invert', 0.1, 0),
  two('translateY', 0.7, 9, 'autocontrast', 0.9, 0),
];

const imagenet: readonly SubPolicy[] = [
  two('posterize', 0.4, 8, 'rotate', 0.6, 9),
  two('solarize', 0.6, 5, 'autocontrast', 0.6, 0),
  two('equalize', 0.8, 0, 'equalize', 0.6, 0),
  two('posterize', 0.6, 7, 'posterize', 0.6, 6),
  two('equalize', 0.4, 0, 'solarize', 0.2, 4),
  two('equalize', 0.4, 0, 'rotate', 0.8, 8),
  two('solarize', 0.6, 3, 'equalize', 0.6, 0),
  two('posterize', 0.8, 5, 'equalize', 1.0, 0),
  two('rotate', 0.2, 3, 'solarize', 0.6, 8),
  two('equalize', 0.6, 0, 'posterize', 0.4, 6),
  two('rotate', 0.8, 8, 'color', 0.4, 0),
  two('rotate', 0.4, 9, 'equalize', 0.6, 0),
  two('equalize', 0.0, 0, 'equalize', 0.8, 0),
  two('invert', 0.6, 0, 'equalize', 1.0, 0),
  two('color', 0.6, 4, 'contrast', 1.0, 8),
  two('rotate', 0.8, 8, 'color', 1.0, 2),
  two('color', 0.8, 8, 'solarize', 0.8, 7),
  two('sharpness', 0.4, 7, 'invert', 0.6, 0),
  two('shearX', 0.6, 5, 'equalize', 1.0, 0),
  two('color', 0.4, 0, 'equalize', 0.6, 0),
  two('equalize', 0.4, 0, 'solarize', 0.2, 4),
  two('solarize', 0.6, 5, 'autocontrast', 0.6, 0),
  two('invert', 0.6, 0, 'equalize', 1.0, 0),
  two('color', 0.6, 4, 'contrast', 1.0, 8),
  two('equalize', 0.8, 0, 'equalize', 0.6, 0),
];

const svhn: readonly SubPolicy[] = [
  two('shearX', 0.9, 4, 'invert', 0.2, 0),
  two('shearY', 0.9, 8, 'invert', 0.7, 0),
  two('equalize', 0.6, 0, 'solarize', 0.6, 6),
  two('invert', 0.9, 0, 'equalize', 0.6, 0),
  two('equalize', 0.6, 0, 'rotate', 0.9, 3),
  two('shearX', 0.9, 4, 'autocontrast', 0.8, 0),
  two('shearY', 0.9, 8, 'invert', 0.4, 0),
  two('shearY', 0.9, 5, 'solarize', 0.2, 6),
  two('invert', 0.9, 0, 'autocontrast', 0.8, 0),
  two('equalize', 0.6, 0, 'rotate', 0.9, 3),
  two('shearX', 0.9, 4, 'solarize', 0.3, 3),
  two('shearY', 0.8, 8, 'invert', 0.7, 0),
  two('equalize', 0.9, 0, 'translateY', 0.6, 6),
  two('invert', 0.9, 0, 'equalize', 0.6, 0),
  two('contrast', 0.3, 3, 'rotate', 0.8, 4),
  two('invert', 0.8, 0, 'translateY', 0.0, 2),
  two('shearY', 0.7, 6, 'solarize', 0.4, 8),
  two('invert', 0.6, 0, 'rotate', 0.8, 4),
  two('shearY', 0.3, 7, 'translateX', 0.9, 3),
  two('shearX', 0.1, 6, 'invert', 0.6, 0),
  two('solarize', 0.7, 2, 'translateY', 0.6, 7),
  two('shearY', 0.8, 4, 'invert', 0.8, 0),
  two('shearX', 0.7, 9, 'translateY', 0.8, 3),
  two('shearY', 0.8, 5, 'autocontrast', 0.7, 0),
  two('shearX', 0.7, 2, 'invert', 0.1, 0),
];

export const TORCHVISION_POLICIES = { cifar10, imagenet, svhn } as const;

const v0: readonly SubPolicy<TimmName>[] = [
  two('equalize', 0.8, 1, 'shearY', 0.8, 4),
  two('color', 0.4, 9, 'equalize', 0.6, 3),
  two('color', 0.4, 1, 'rotate', 0.6, 8),
  two('solarize', 0.8, 3, 'equalize', 0.4, 7),
  two('solarize', 0.4, 2, 'solarize', 0.6, 2),
  two('color', 0.2, 0, 'equalize', 0.8, 8),
  two('equalize', 0.4, 8, 'solarizeAdd', 0.8, 3),
  two('shearX', 0.2, 9, 'rotate', 0.6, 8),
  two('color', 0.6, 1, 'equalize', 1.0, 2),
  two('invert', 0.4, 9, 'rotate', 0.6, 0),
  two('equalize', 1.0, 9, 'shearY', 0.6, 3),
  two('color', 0.4, 7, 'equalize', 0.6, 0),
  two('posterize', 0.4, 6, 'autocontrast', 0.4, 7),
  two('solarize', 0.6, 8, 'color', 0.6, 9),
  two('solarize', 0.2, 4, 'rotate', 0.8, 9),
  two('rotate', 1.0, 7, 'translateY', 0.8, 9),
  two('shearX', 0.0, 0, 'solarize', 0.8, 4),
  two('shearY', 0.8, 0, 'color', 0.6, 4),
  two('color', 1.0, 0, 'rotate', 0.6, 2),
  two('equalize', 0.8, 4, 'equalize', 0.0, 8),
  two('equalize', 1.0, 4, 'autocontrast', 0.6, 2),
  two('shearY', 0.4, 7, 'solarizeAdd', 0.6, 7),
  two('posterize', 0.8, 2, 'solarize', 0.6, 10),
  two('solarize', 0.6, 8, 'equalize', 0.6, 1),
  two('color', 0.8, 6, 'rotate', 0.4, 5),
];

const original: readonly SubPolicy<TimmName>[] = [
  two('posterizeOriginal', 0.4, 8, 'rotate', 0.6, 9),
  two('solarize', 0.6, 5, 'autocontrast', 0.6, 5),
  two('equalize', 0.8, 8, 'equalize', 0.6, 3),
  two('posterizeOriginal', 0.6, 7, 'posterizeOriginal', 0.6, 6),
  two('equalize', 0.4, 7, 'solarize', 0.2, 4),
  two('equalize', 0.4, 4, 'rotate', 0.8, 8),
  two('solarize', 0.6, 3, 'equalize', 0.6, 7),
  two('posterizeOriginal', 0.8, 5, 'equalize', 1.0, 2),
  two('rotate', 0.2, 3, 'solarize', 0.6, 8),
  two('equalize', 0.6, 8, 'posterizeOriginal', 0.4, 6),
  two('rotate', 0.8, 8, 'color', 0.4, 0),
  two('rotate', 0.4, 9, 'equalize', 0.6, 2),
  two('equalize', 0.0, 7, 'equalize', 0.8, 8),
  two('invert', 0.6, 4, 'equalize', 1.0, 8),
  two('color', 0.6, 4, 'contrast', 1.0, 8),
  two('rotate', 0.8, 8, 'color', 1.0, 2),
  two('color', 0.8, 8, 'solarize', 0.8, 7),
  two('sharpness', 0.4, 7, 'invert', 0.6, 8),
  two('shearX', 0.6, 5, 'equalize', 1.0, 9),
  two('color', 0.4, 0, 'equalize', 0.6, 3),
  two('equalize', 0.4, 7, 'solarize', 0.2, 4),
  two('solarize', 0.6, 5, 'autocontrast', 0.6, 5),
  two('invert', 0.6, 4, 'equalize', 1.0, 8),
  two('color', 0.6, 4, 'contrast', 1.0, 8),
  two('equalize', 0.8, 8, 'equalize', 0.6, 3),
];

/** The posterize of the research code: a higher level loses more bits. */
const research = (policy: readonly SubPolicy<TimmName>[]): readonly SubPolicy<TimmName>[] =>
  policy.map((halves) =>
    halves.map((half) => (half.name.startsWith('posterize') ? { ...half, name: 'posterizeIncreasing' } : half)),
  );

/** 3-Augment of DeiT III: Touvron et al., "DeiT III: revenge of the ViT", 2022. */
const threeAugment: readonly SubPolicy<TimmName>[] = [
  [{ name: 'solarize', p: 1, level: 5 }],
  [{ name: 'desaturate', p: 1, level: 10 }],
  [{ name: 'blurRandom', p: 1, level: 10 }],
];

export const TIMM_POLICIES: Record<TimmPolicy, readonly SubPolicy<TimmName>[]> = {
  original,
  originalr: research(original),
  v0,
  v0r: research(v0),
  '3a': threeAugment,
};
