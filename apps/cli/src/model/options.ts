/** The options of the model commands, parsed by zod. */
import { UserError } from '@ablate/contracts';
import { z } from 'zod';
import { PREPARATIONS } from './choices.ts';

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const text = z.string().min(1);

export const WeightsOptions = z.object({
  model: text.optional(),
  weights: text.optional(),
  sha256: text.optional(),
  names: text.optional(),
  interpolatePositions: z.boolean().default(false),
  seed: whole(0, 2 ** 31 - 1).optional(),
});
export type WeightsOptions = z.infer<typeof WeightsOptions>;

export const ImagesOptions = WeightsOptions.extend({
  input: text,
  preprocess: z.enum(PREPARATIONS).optional(),
  /** Images in one forward pass. */
  batch: whole(1, 4096).optional(),
});
export type ImagesOptions = z.infer<typeof ImagesOptions>;

export const share = z.coerce.number().min(0).lt(1);

/** Parse the options that commander read. @throws UserError naming each invalid option */
export function parseOptions<T>(schema: z.ZodType<T>, options: unknown): T {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const flag = (path: PropertyKey[]): string => `--${path.join('.').replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  throw new UserError(parsed.error.issues.map(({ path, message }) => `${flag(path)}: ${message}`).join('\n'), 'usage');
}
