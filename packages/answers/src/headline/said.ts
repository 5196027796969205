/** Sentences about differences. */
import type { Answer } from '@ablate/contracts';
import { decidedBy, deciderOfConfig } from '../decided-by.ts';
import { signedAmount } from '../quantities.ts';
import type { Compared, Facts } from './facts.ts';

/** A sentence, and the largest difference beyond noise that it tells of: 0 for none. */
export type Said = { text: string; beyond: number };
export const said = (text: string, beyond = 0): Said => ({ text, beyond });

export const sizeOf = (differences: readonly (number | null)[]): number =>
  Math.max(0, ...differences.map((of) => Math.abs(of ?? 0)));

/** The difference of a config with half of its pooled interval. */
export function difference(
  { comparison: { difference: of, pooled } }: Compared,
  { metric }: Pick<Answer, 'metric'>,
): string {
  return signedAmount(of ?? 0, pooled === null ? null : (pooled.high - pooled.low) / 2, metric);
}

/** Comparisons that are corrected together. */
export const testsOfConfigs = ({ comparisons }: Facts): number =>
  [...comparisons.values()].filter(({ pooled }) => pooled !== null).length;

/** The same, and what decides where the interval alone would say more. */
export function undecidedDifference(facts: Facts, one: Compared): string {
  const decider = deciderOfConfig(one.comparison);
  return `${difference(one, facts.answer)}${decider === null ? '' : `; ${decidedBy(decider, testsOfConfigs(facts))}`}`;
}

/** Size of a difference with half of its interval, without a sign: `13.1 ± 1.71 points`. */
export const size = (one: Compared, answer: Pick<Answer, 'metric'>): string => difference(one, answer).slice(1);
