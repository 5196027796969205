/** Text that PostgreSQL can store: no NUL, no lone surrogate, limited length. Every text that enters a process is one of these. */
import { z } from 'zod';

/** Every character but NUL and lone surrogates: with the flag u, a pair of surrogates is one character beyond this range. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is searched for
const STORABLE = /^[^\u0000\ud800-\udfff]*$/u;

/** Whether PostgreSQL can store the text: it has no NUL character and no lone surrogate. */
export const isStorable = (text: string): boolean => STORABLE.test(text);

/** What is wrong with text that is not storable. */
export const NOT_STORABLE = 'must not contain a NUL character or a lone surrogate (half of a UTF-16 pair)';

export const storable = (schema: z.ZodString): z.ZodString => schema.regex(STORABLE, NOT_STORABLE);

/** Text of a user, of at most `max` UTF-16 code units: refused if it cannot be stored. */
export const text = (max: number): z.ZodString => storable(z.string().max(max));

/** The text with each NUL and each lone surrogate replaced by U+FFFD. */
export const toStorable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** Text of one of our own processes, such as an error message: made storable, and cut after `max` UTF-16 code units. */
export const message = (max: number) =>
  z.string().transform((value) => toStorable(value.length > max ? `${value.slice(0, max - 1)}…` : value));
