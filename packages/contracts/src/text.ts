/** Text that PostgreSQL can store: no NUL, no lone surrogate, limited length. Every text that enters a process is one of these. */
import { z } from 'zod';

const NUL = '\0';

/** Whether PostgreSQL can store the text: it has no NUL character and no lone surrogate. */
export const isStorable = (text: string): boolean => !text.includes(NUL) && text.isWellFormed();

/** The text with each NUL and each lone surrogate replaced by U+FFFD. */
export const toStorable = (text: string): string => text.replaceAll(NUL, '\uFFFD').toWellFormed();

/** What is wrong with text that is not storable. */
export const NOT_STORABLE = 'must not contain a NUL character or a lone surrogate (half of a UTF-16 pair)';

export const storable = (schema: z.ZodString): z.ZodString => schema.refine(isStorable, NOT_STORABLE);

/** Text of a user, of at most `max` UTF-16 code units: refused if it cannot be stored. */
export const text = (max: number): z.ZodString => storable(z.string().max(max));

/** Text of one of our own processes, such as an error message: made storable, and cut after `max` UTF-16 code units. */
export const message = (max: number) =>
  z.string().transform((value) => toStorable(value.length > max ? `${value.slice(0, max - 1)}…` : value));
