import { InvalidArgumentError } from 'commander';

/** A whole number above 0, as an option's value. */
export const positive = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('it must be a whole number above 0');
  return number;
};
