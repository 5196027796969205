/** Inspections: a look at all attention of a run's model, made by a worker when a user asks for it. */
import { z } from 'zod';
import { INSIDE_IMAGES } from './inside.ts';
import { message } from './text.ts';
import { CheckpointFile } from './trainer.ts';

const place = z
  .int()
  .min(0)
  .max(INSIDE_IMAGES - 1);

export const InspectRequest = z.strictObject({
  images: z
    .array(place)
    .min(1)
    .max(INSIDE_IMAGES)
    .refine((images) => new Set(images).size === images.length, 'names an image twice')
    .optional()
    .describe('Which of the images of `GET /runs/{id}/inside.png`, from 0 at the left. Default: all'),
});
export type InspectRequest = z.infer<typeof InspectRequest>;

/** Bytes of a user's picture, at most. */
export const MAX_PICTURE_BYTES = 4 * 2 ** 20;

/** Bytes of the matrices of one inspection, at most. */
export const MAX_INSPECTION_BYTES = 16 * 2 ** 20;

const time = z.iso.datetime();

export const InspectionView = z.strictObject({
  id: z.uuid(),
  runId: z.uuid(),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  images: z.array(place).nullable().describe('Which of the images; null for a picture of a user'),
  message: z.string().nullable().describe('Why it failed, or why it waits'),
  createdAt: time,
  finishedAt: time.nullable(),
});
export type InspectionView = z.infer<typeof InspectionView>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes');

/** What a worker sends to the process that inspects. */
export const InspectCommand = z.strictObject({
  folder: z.string().describe('Absolute path of the folder of the checkpoint'),
  checkpoint: CheckpointFile,
  strip: bytes.nullable().describe('A PNG file of images from left to right; null if there is a picture'),
  images: z.array(place).describe('Which of them'),
  picture: bytes.nullable().describe('An image file of a user'),
});
export type InspectCommand = z.infer<typeof InspectCommand>;

/** What it answers. */
export const InspectAnswer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('done'), file: bytes.describe('A safetensors file') }),
  z.strictObject({ type: z.literal('failed'), message: message(2_000) }),
]);
export type InspectAnswer = z.infer<typeof InspectAnswer>;
