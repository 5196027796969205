/** Numbers of which many schemas consist. */
import { z } from 'zod';

/** A count, an index. */
export const whole = z.int().min(0);
export const probability = z.number().min(0).max(1);
export const seconds = z.number().min(0);
