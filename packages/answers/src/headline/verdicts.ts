/** How configs stand against the baseline. */
import type { ComparisonView } from '@ablate/contracts';
import { decidedBy, deciderOfConfig } from '../decided-by.ts';
import { amount, counted, level, listed, plain, signedAmount } from '../quantities.ts';
import { best, type Compared, configWords, type Facts, figure, starting, wordsOf } from './facts.ts';
import { difference, type Said, said, size, sizeOf, testsOfConfigs, undecidedDifference } from './said.ts';

/** The configs against the baseline, counted by verdict, with the extremes. */
export function verdicts(facts: Facts, compared: readonly Compared[], beside: 'all' | 'rest'): Said[] {
  const { answer } = facts;
  const base = `the baseline (${plain(wordsOf(facts, answer.baseline?.configId))})`;
  const name = ({ config }: Pick<Compared, 'config'>) => configWords(config, facts);
  const pick = (verdict: ComparisonView['verdict']) =>
    compared
      .filter(({ comparison }) => comparison.verdict === verdict)
      .toSorted((a, b) => Math.abs(b.comparison.difference ?? 0) - Math.abs(a.comparison.difference ?? 0));
  const [better, worse, same, noise] = [pick('better'), pick('worse'), pick('equivalent'), pick('noise')];
  const of = `${counted(compared.length, beside === 'all' ? 'other config' : 'config')}`;
  const lines: Said[] = [];
  const say = (group: readonly Compared[], word: string) => {
    const [first, second] = group;
    if (first === undefined) return;
    const beyond = sizeOf(group.map(({ comparison }) => comparison.difference));
    if (group.length <= 2)
      lines.push(
        ...[first, ...(second ? [second] : [])].map((one) =>
          said(
            `${starting(one.config, facts)} is ${word} than ${base} by ${size(one, answer)}.`,
            Math.abs(one.comparison.difference ?? 0),
          ),
        ),
      );
    else if (group.length === compared.length)
      lines.push(
        said(`All ${of} are ${word} than ${base}, most of all ${name(first)} by ${size(first, answer)}.`, beyond),
      );
    else
      lines.push(
        said(
          `${group.length.toLocaleString('en-US')} of ${of} are ${word} than ${base}, most of all ${name(first)} by ${size(first, answer)}.`,
          beyond,
        ),
      );
  };
  say(better, 'better');
  if (better.length === 0 && worse.length > 0 && worse.length + same.length + noise.length > 1)
    lines.push(
      said(
        `No config is better than ${base} by more than noise.`,
        sizeOf(worse.map(({ comparison }) => comparison.difference)),
      ),
    );
  say(worse, 'worse');
  if (same.length > 0)
    lines.push(
      said(
        `${same.length <= 2 ? listed(same.map(({ config }, i) => (i === 0 ? starting(config, facts) : name({ config })))) : `${same.length.toLocaleString('en-US')} of ${of}`} ${same.length === 1 ? 'is' : 'are'} the same as ${base} within ${amount(answer.margin ?? 0, answer.metric)}.`,
      ),
    );
  const [largest] = noise;
  if (largest) {
    if (noise.length === 1)
      lines.push(
        said(
          `${starting(largest.config, facts)} cannot be told from ${base} (${undecidedDifference(facts, largest)}).`,
        ),
      );
    else {
      const all = noise.length === compared.length;
      const decider = deciderOfConfig(largest.comparison);
      const why = decider === null ? null : decidedBy(decider, testsOfConfigs(facts));
      lines.push(
        said(
          `${all ? `None of ${of}` : `${noise.length.toLocaleString('en-US')} of ${of}`} ${all ? 'can' : 'cannot'} be told from ${base}; the largest difference is ${difference(largest, answer)} (${name(largest)}${why === null ? '' : `; ${why}`}).`,
        ),
      );
    }
  }
  return lines;
}

/** With no estimate of noise: the best mean, and why nothing is said about it. */
export function withoutNoise(facts: Facts, compared: readonly Compared[]): string[] {
  const { answer } = facts;
  const top = best(facts);
  if (top === null) return [];
  const most = Math.max(...facts.configs.map(({ id }) => facts.values.get(id)?.size ?? 0));
  const pairs = Math.max(0, ...compared.map(({ comparison }) => comparison.pairs.used));
  const why = most <= 1 ? 'one seed' : pairs <= 1 ? 'fewer than two common seeds' : 'the differences have no spread';
  const lead = compared.find(({ config }) => config === top.config);
  const words = starting(top.config, facts);
  const has = `the ${answer.better === 'higher' ? 'highest' : 'lowest'} ${figure(answer)} (${level(top.mean, answer.metric)})`;
  const base = wordsOf(facts, answer.baseline?.configId);
  const tail =
    top.config.id === answer.baseline?.configId
      ? 'and is the baseline'
      : lead?.comparison.difference == null
        ? 'and has no seed in common with the baseline'
        : `${signedAmount(lead.comparison.difference, null, answer.metric)} against the baseline (${base})`;
  return [`${words} has ${has}${tail.startsWith('and') ? ' ' : ', '}${tail}; ${why}: no estimate of noise.`];
}

/** Configs that have no estimate of noise while others do. */
export function withoutEstimate(facts: Facts, compared: readonly Compared[]): string[] {
  const found = compared.filter(({ comparison }) => comparison.verdict === 'no-noise-estimate');
  if (found.length === 0) return [];
  const each = found.map((one) => `${configWords(one.config, facts)} (${difference(one, facts.answer)})`);
  return [`No estimate of noise, for too few common seeds or no spread: ${listed(each)}.`];
}

/** Configs that are left out of the pooled variance, such as one with a diverged seed. */
export function standingOut(facts: Facts, compared: readonly Compared[]): string[] {
  const found = compared.filter(({ comparison }) => comparison.standsOut);
  if (found.length === 0) return [];
  const names = listed(found.map(({ config }) => configWords(config, facts)));
  return [`The seeds of ${names} differ far more than those of the others: judged by their own spread only.`];
}
