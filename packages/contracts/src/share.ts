/** How sweeps and owners share the machines. */
import { z } from 'zod';

export const OwnerName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/,
    'must be 1 to 64 letters, digits, ".", "_", "@" or "-", starting with a letter or digit',
  );

export const Priority = z
  .int()
  .min(-100)
  .max(100)
  .describe(
    'Among the runs of one owner, the highest priority starts first and preempts running runs of lower priority',
  );

export const RunLimit = z.int().min(1).max(100_000).describe('Maximum number of concurrent runs');

const DeviceHours = z.number().positive().max(1e6).describe('Maximum total duration of all attempts, in hours');

/** What a sweep may use. All but `deviceHours` are of a search that decides. */
export const Budget = z.strictObject({
  runs: z.int().min(1).max(1e6).optional().describe('Maximum number of runs'),
  epochs: z.int().min(1).max(1e9).optional().describe('Maximum number of epochs of all runs'),
  samplesSeen: z.int().min(1).max(1e15).optional().describe('Maximum number of training images of all epochs'),
  deviceHours: DeviceHours.optional(),
  wallClock: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .describe('Maximum number of hours since the sweep was submitted'),
});
export type Budget = z.infer<typeof Budget>;

/** Changes to a submitted sweep; null removes a limit. */
export const SweepChange = z.strictObject({
  priority: Priority.optional(),
  limits: z.strictObject({ running: RunLimit.nullable().optional() }).optional(),
  budget: z.strictObject({ deviceHours: DeviceHours.nullable().optional() }).optional(),
});
export type SweepChange = z.infer<typeof SweepChange>;

/** Changes to an owner's share; null removes the limit. */
export const OwnerChange = z.strictObject({
  weight: z
    .number()
    .min(0.001)
    .max(1000)
    .optional()
    .describe('Share of the machines relative to an owner of weight 1, while both have queued runs'),
  limits: z.strictObject({ running: RunLimit.nullable().optional() }).optional(),
});
export type OwnerChange = z.infer<typeof OwnerChange>;

/** Identifies a submission or an ask: a repeated key returns the same sweep or trial. */
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');
