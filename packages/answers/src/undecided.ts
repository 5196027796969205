/** What it takes to decide the comparisons that cannot be told from noise. */
import type { Answer } from '@ablate/contracts';
import type { Compared } from './comparisons.ts';
import type { AnswerConfig, Values } from './input.ts';

type Facts = {
  compared: Compared;
  configs: readonly AnswerConfig[];
  values: Values;
  margin: number | null;
  cost: Answer['cost'];
};

/**
 * Numbers of seeds that would show the largest difference observed and one of the size of the margin, with what they cost at the median
 * run. Null if nothing is undecided.
 */
export function undecided({ compared, configs, values, margin, cost }: Facts): Answer['undecided'] {
  const open = [...compared.comparisons.values()].filter(({ verdict }) => verdict === 'noise');
  if (open.length === 0) return null;
  const seeds = Math.max(...configs.map(({ id }) => values.get(id)?.size ?? 0));
  const largest = open.reduce((most, one) =>
    Math.abs(one.difference ?? 0) > Math.abs(most.difference ?? 0) ? one : most,
  );
  const needs = (difference: number, needed: number | null | undefined) => {
    if (needed === null || needed === undefined || needed <= seeds) return [];
    const runs = configs.reduce((sum, { id }) => sum + Math.max(0, needed - (values.get(id)?.size ?? 0)), 0);
    const deviceSeconds = cost.medianSeconds === null ? null : runs * cost.medianSeconds;
    return [{ difference, seeds: needed, runs, deviceSeconds }];
  };
  const marginNeeds = open.map(({ seedsNeeded }) => seedsNeeded?.margin ?? null);
  const options = [
    ...needs(Math.abs(largest.difference ?? 0), largest.seedsNeeded?.observed),
    ...(margin === null || marginNeeds.includes(null)
      ? []
      : needs(margin, Math.max(...marginNeeds.map((needed) => needed ?? 0)))),
  ];
  return { comparisons: open.length, seeds, options: options.toSorted((a, b) => a.seeds - b.seeds) };
}
