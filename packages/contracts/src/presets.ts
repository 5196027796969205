/** Named models: each row lists the fields that differ from the family's defaults. Source: the configuration table of each paper. */
import { z } from 'zod';

const imagenet = { imageSize: 224, classes: 1000 };
const vit = (patchSize: number, width: number, heads: number, more = {}) => ({
  family: 'vit',
  ...imagenet,
  patchSize,
  width,
  depth: 12,
  heads,
  ...more,
});
const resnet = (block: string, depths: number[]) => ({
  family: 'resnet',
  ...imagenet,
  block,
  depths,
  widths: [64, 128, 256, 512],
  stem: 'imagenet',
});
const crossvit = (
  [small, large]: [number, number],
  heads: number,
  largeDepth: number,
  mlpRatio: number,
  stem: 'linear' | 'convolution' = 'linear',
) => ({
  family: 'crossvit',
  ...imagenet,
  small: { imageSize: 240, patchSize: 12, width: small, depth: 1, heads },
  large: { imageSize: 224, patchSize: 16, width: large, depth: largeDepth, heads },
  mlpRatio,
  stem,
});

export const PRESETS = {
  resnet20: { family: 'resnet', imageSize: 32, classes: 10, depths: [3, 3, 3], widths: [16, 32, 64], shortcut: 'pad' },
  resnet18: resnet('basic', [2, 2, 2, 2]),
  resnet34: resnet('basic', [3, 4, 6, 3]),
  resnet50: resnet('bottleneck', [3, 4, 6, 3]),
  vit_tiny_16: vit(16, 192, 3),
  vit_small_16: vit(16, 384, 6),
  vit_base_16: vit(16, 768, 12),
  dino_vits16: vit(16, 384, 6),
  dino_vits8: vit(8, 384, 6),
  crossvit_tiny: crossvit([96, 192], 3, 4, 4),
  crossvit_small: crossvit([192, 384], 6, 4, 4),
  crossvit_base: crossvit([384, 768], 12, 4, 4),
  crossvit_9: crossvit([128, 256], 4, 3, 3),
  crossvit_15: crossvit([192, 384], 6, 5, 3),
  crossvit_18: crossvit([224, 448], 7, 6, 3),
  crossvit_9_dagger: crossvit([128, 256], 4, 3, 3, 'convolution'),
  crossvit_15_dagger: crossvit([192, 384], 6, 5, 3, 'convolution'),
  crossvit_18_dagger: crossvit([224, 448], 7, 6, 3, 'convolution'),
  clip_rn50: { family: 'clip' },
} as const satisfies Record<string, Record<string, unknown>>;

export const Preset = z.enum(Object.keys(PRESETS) as [keyof typeof PRESETS, ...(keyof typeof PRESETS)[]]);
export type Preset = z.infer<typeof Preset>;
