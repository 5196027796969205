/** The first word of a trainer process: TensorFlow is loaded, on the device that was asked for. */
import { z } from 'zod';

export const TrainerReady = z.strictObject({ type: z.literal('ready') });
export type TrainerReady = z.infer<typeof TrainerReady>;
