/** How a run turns pictures into the input of its network: recorded in its checkpoints, so that its figures can be measured again. */
import { z } from 'zod';

const channels = z.tuple([z.number(), z.number(), z.number()]);

export const Preprocessing = z.strictObject({
  /** Raised when a reader of this version would prepare pictures differently. */
  version: z.literal(1),
  /** Side of the square input in pixels. */
  imageSize: z.int().min(1).max(4096),
  /** A picture of another size is resized, so that its shorter side is `imageSize`, as Pillow does, and cropped. */
  resize: z.literal('shorter-side'),
  interpolation: z.literal('bilinear'),
  crop: z.literal('centre'),
  /** Of each channel; a byte of 255 counts as 1. A deviation of 0 divides by 1. */
  mean: channels,
  std: channels,
  /** Class names, in the order of the network's outputs. */
  classes: z.array(z.string().max(1000)).min(2).max(100_000),
});
export type Preprocessing = z.infer<typeof Preprocessing>;
