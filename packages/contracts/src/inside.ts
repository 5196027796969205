/** What a model looks at, on a few images: the header of a safetensors file whose tensors hold the maps (docs/inside.md). */
import { z } from 'zod';
import { message } from './text.ts';

const whole = z.int32().min(0);
const className = z.string().max(1000);

/** Most images in one file. */
export const INSIDE_IMAGES = 16;

const InsideImage = z.strictObject({
  index: whole.nullable().describe('Index in the held-out images, from 0; null for a picture of a user'),
  label: whole.nullable().describe('The true class; null if it is unknown'),
  labelName: className.nullable(),
  top: z
    .array(z.strictObject({ label: whole, name: className, probability: z.number().min(0).max(1) }))
    .min(1)
    .max(3)
    .describe('The most probable classes, the most probable first'),
});

export const InsideHeader = z.strictObject({
  version: z.literal(1),
  family: z.enum(['vit', 'crossvit', 'resnet']),
  imageSize: z.int().min(1).max(4096),
  query: z
    .enum(['class token', 'mean of all tokens'])
    .nullable()
    .describe('Whose attention the maps show; null for a ResNet'),
  images: z.array(InsideImage).min(1).max(INSIDE_IMAGES),
  notes: z.array(message(500)).max(10).describe('What the file leaves out, and why'),
});
export type InsideHeader = z.infer<typeof InsideHeader>;
