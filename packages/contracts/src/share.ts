/** What a sweep and its owner may use of the machines. */
import { z } from 'zod';

export const OwnerName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/, 'an owner is 1 to 64 letters, digits, ".", "_", "@" or "-"');

export const Priority = z
  .int()
  .min(-100)
  .max(100)
  .describe(
    'Of one owner’s waiting runs those of the highest priority come first, and running ones of a lower make place',
  );

export const RunLimit = z.int().min(1).max(100_000).describe('Runs at once at most');

export const DeviceHours = z.number().positive().max(1e6).describe('Hours that its attempts may take together');

/** What may be changed of a submitted sweep; null lifts a limit. */
export const SweepChange = z.strictObject({
  priority: Priority.optional(),
  limits: z.strictObject({ running: RunLimit.nullable().optional() }).optional(),
  budget: z.strictObject({ deviceHours: DeviceHours.nullable().optional() }).optional(),
});
export type SweepChange = z.infer<typeof SweepChange>;

/** An owner's share, as it is asked for; null lifts the limit. */
export const OwnerChange = z.strictObject({
  weight: z
    .number()
    .min(0.001)
    .max(1000)
    .optional()
    .describe('Runs that it gets for each run of an owner of weight 1, while both wait'),
  limits: z.strictObject({ running: RunLimit.nullable().optional() }).optional(),
});
export type OwnerChange = z.infer<typeof OwnerChange>;

/** What the client calls a submission; the same key again is the same sweep. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'an Idempotency-Key is 1 to 255 visible ASCII characters');
