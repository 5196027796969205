/** The answer in sentences, made from its numbers alone. None of them claims that there is no difference. */
import { cost, explored, implausible, leader, next } from './beside.ts';
import { configWords, type Facts } from './facts.ts';
import { results } from './results.ts';
import { failed, progress, varied } from './varied.ts';

/** Characters of a verdict in one line. */
const LINE = 400;

/**
 * The results in one line, for a list: the largest difference beyond noise first, and as many sentences as fit; null without a result.
 */
export function verdictLine(facts: Facts): string | null {
  const [first, ...others] = results(facts).toSorted((a, b) => b.beyond - a.beyond);
  if (first === undefined) return null;
  let line = first.text;
  for (const { text } of others) {
    if (line.length + 1 + text.length > LINE) break;
    line += ` ${text}`;
  }
  return line;
}

/** Of a population: a config may be the end of a schedule. */
const SCHEDULES =
  'Values changed while members trained: a config that went on from another is named by its last values; the log of decisions has its schedule.';

/** Which config stands in for a baseline that the spec does not name, or that no config is. */
function standIn(facts: Facts): string[] {
  const { answer, configs, baselineFound, baselineByMostSeeds } = facts;
  const base = baselineByMostSeeds ? configs.find(({ id }) => id === answer.baseline?.configId) : undefined;
  const named = base && `${configWords(base, facts)}, which has the most seeds`;
  if (!baselineFound)
    return [`No config has the values of the baseline: ${named ?? 'the first config'} stands in for it.`];
  return named ? [`No baseline is named, and the first config has no result: ${named}, is the baseline.`] : [];
}

/** The sentences of an answer, in the order in which they matter. */
export function headline(facts: Facts): string[] {
  const { answer, configs } = facts;
  if (configs.length === 0) return ['The sweep has no configs.'];
  return [
    ...progress(facts),
    varied(facts),
    ...standIn(facts),
    ...results(facts).map(({ text }) => text),
    ...leader(facts),
    ...(answer.search === 'pbt' ? [SCHEDULES] : []),
    ...explored(facts),
    ...implausible(facts),
    ...failed(facts),
    ...cost(facts),
    ...next(facts),
    ...([...facts.comparisons.values()].some(({ pooled }) => pooled !== null)
      ? [`Intervals are ${answer.covers}.`]
      : []),
  ];
}
