/** Parsers of option values. Each throws InvalidArgumentError, which commander reports with the option's name. */
import { InvalidArgumentError } from 'commander';

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}

/** A whole number of at least `min`. */
export const wholeNumber =
  (min: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < min)
      throw new InvalidArgumentError(`expected a whole number, ${min} or more`);
    return value;
  };

export function positiveNumber(text: string): number {
  const value = number(text);
  if (value <= 0) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

/** `none` as null, else a value of `parse`. */
export const orNone =
  (parse: (text: string) => number) =>
  (text: string): number | null =>
    text === 'none' ? null : parse(text);
