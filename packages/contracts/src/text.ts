/** Text that PostgreSQL can store: no NUL, no lone surrogate, limited length. */
import { z } from 'zod';

const NUL = '\0';

/** The text with each NUL and each lone surrogate replaced by U+FFFD. */
export const toStorable = (text: string): string => text.replaceAll(NUL, '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');

/** Text of one of our own processes, such as an error message: made storable, and cut after `max` UTF-16 code units. */
export const message = (max: number) =>
  z.string().transform((value) => toStorable(value.length > max ? `${value.slice(0, max - 1)}…` : value));
