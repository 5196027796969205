/** What the original claims, held against the results. */
import { verdictText } from '@ablate/answers';
import { type ComparisonView, UserError } from '@ablate/contracts';
import { halfWidth, mean, studentCritical, studentTwoSided, VERDICT_WORDS } from '@ablate/statistics';
import { type Answered, configNamed, type Figure } from './study-answer.ts';
import type { Claim, StudyText } from './study-text.ts';

/** How a claim stands. `open`: the results cannot tell. */
type Standing = 'agrees' | 'contradicts' | 'open';

export type Outcome = {
  claim: Claim;
  figure: Figure;
  /** Names of what is compared, in words. */
  of: string;
  than: string;
  /** In the unit of the figure, with half of its 95 % interval. */
  difference: number | null;
  half: number | null;
  standing: Standing;
  /** The verdict in words: `worse`, `cannot be told from noise`. */
  verdict: string;
};

type Compared = {
  difference: number | null;
  half: number | null;
  verdict: ComparisonView['verdict'];
  /** The verdict in words, with what would show where nothing is decided. */
  words: string;
};

const ALPHA = 0.05;
/** Equal values have a spread of rounding. */
const NO_SPREAD = 1e-12;

/** The claimed sign of the difference: 1 for a figure that is claimed to be larger. */
function claimedSign({ is }: Claim, { metric }: Figure): 1 | -1 | 0 {
  if (is === 'same') return 0;
  if (is === 'higher' || is === 'lower') return is === 'higher' ? 1 : -1;
  return (is === 'better') === (metric === 'accuracy') ? 1 : -1;
}

function standingOf(claim: Claim, figure: Figure, { difference, verdict }: Compared): Standing {
  const sign = claimedSign(claim, figure);
  if (verdict === 'equivalent') return sign === 0 ? 'agrees' : 'contradicts';
  if (verdict !== 'better' && verdict !== 'worse') return 'open';
  return Math.sign(difference ?? 0) === sign ? 'agrees' : 'contradicts';
}

const NO_RESULT: Compared = {
  difference: null,
  half: null,
  verdict: 'no-result',
  words: VERDICT_WORDS['no-result'],
};

/** One config against another: a row of the answer that has the other as its baseline. */
function pair(answered: Answered, figure: Figure, [of, than]: readonly [string, string]): Compared {
  const row = answered.answer(figure, than).rows.find(({ configId }) => configId === of);
  const comparison = row?.comparison;
  if (!row || !comparison) return NO_RESULT;
  const interval = comparison.verdict === 'no-noise-estimate' ? null : (comparison.pooled ?? comparison.paired);
  return {
    difference: comparison.difference,
    half: interval === null ? null : (interval.high - interval.low) / 2,
    verdict: comparison.verdict,
    words: verdictText(row, figure.metric) || VERDICT_WORDS[comparison.verdict],
  };
}

/**
 * A contrast of several configs, such as one gain against another: the weighted sum of the means over the seeds that all of them have, with
 * the noise that the sweep pools. A single planned comparison: it needs no correction.
 */
function contrast(answered: Answered, figure: Figure, weights: ReadonlyMap<string, number>): Compared {
  const { noise } = answered.answer(figure);
  const values = answered.values(figure);
  const parts = [...weights].map(([id, weight]) => ({ weight, of: values.get(id) ?? new Map<number, number>() }));
  const seeds = [...(parts[0]?.of.keys() ?? [])].filter((seed) => parts.every(({ of }) => of.has(seed)));
  if (seeds.length === 0) return NO_RESULT;
  const sum = seeds.reduce(
    (total, seed) => total + parts.reduce((part, { weight, of }) => part + weight * (of.get(seed) ?? 0), 0),
    0,
  );
  const difference = sum / seeds.length;
  if (noise === null || noise.sd === 0)
    return { difference, half: null, verdict: 'no-noise-estimate', words: VERDICT_WORDS['no-noise-estimate'] };
  const error = noise.sd * Math.sqrt(parts.reduce((total, { weight }) => total + weight ** 2, 0) / seeds.length);
  const decided = studentTwoSided(difference / error, noise.freedom) < ALPHA;
  const better = difference > 0 === (figure.metric === 'accuracy');
  const verdict = decided ? (better ? 'better' : 'worse') : 'noise';
  return { difference, half: studentCritical(ALPHA, noise.freedom) * error, verdict, words: VERDICT_WORDS[verdict] };
}

/** The level of a claim such as `80 %`, as a share; null if the claim is about configs. */
function levelOf(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?) %$/.exec(text.trim());
  return found ? Number(found[1]) / 100 : null;
}

/** One config against a level, by the spread of its own seeds. */
function againstLevel(answered: Answered, figure: Figure, [of, level]: readonly [string, number]): Compared {
  const values = [...(answered.values(figure).get(of)?.values() ?? [])];
  if (values.length === 0) return NO_RESULT;
  const difference = mean(values) - level;
  const half = halfWidth(values);
  if (!(half > NO_SPREAD))
    return { difference, half: null, verdict: 'no-noise-estimate', words: VERDICT_WORDS['no-noise-estimate'] };
  const better = difference > 0 === (figure.metric === 'accuracy');
  const verdict = Math.abs(difference) > half ? (better ? 'better' : 'worse') : 'noise';
  return { difference, half, verdict, words: VERDICT_WORDS[verdict] };
}

/** The configs of one side of a claim: `a`, or `a - b`. */
const sides = (text: string): string[] => text.split(' - ').map((part) => part.trim());

/** The figure that a study is about: that of its claims if they share one, else accuracy or loss on test, as its spec compares. */
export function figureOf({ claims }: Pick<StudyText, 'claims'>, { spec }: Pick<Answered, 'spec'>): Figure {
  const named = new Map(claims.map(({ on: [split, metric] }) => [`${split} ${metric}`, { split, metric }]));
  const [only] = [...named.values()];
  return only !== undefined && named.size === 1 ? only : { split: 'test', metric: spec.compare.metric };
}

/** Holds one claim against the results of the sweep that it is about. @throws UserError if it names a config that the sweep does not have */
export function outcomeOf(claim: Claim, answered: Answered): Outcome {
  const [split, metric] = claim.on;
  const figure = { metric, split };
  const ids = (text: string) => sides(text).map((part) => configNamed(answered, part).id);
  const level = levelOf(claim.than);
  const [of, than] = [ids(claim.config), level === null ? ids(claim.than) : []];
  const names = new Map(answered.answer(figure).rows.map(({ configId, name }) => [configId, name]));
  const named = (side: readonly string[]) => side.map((id) => names.get(id) ?? id);
  const said = (side: readonly string[]) => {
    const [first = '', second] = named(side);
    return second === undefined ? first : `the gain of ${first} over ${second}`;
  };
  const weights = new Map<string, number>();
  for (const [side, sign] of [
    [of, 1],
    [than, -1],
  ] as const)
    side.forEach((id, i) => {
      weights.set(id, (weights.get(id) ?? 0) + (i === 0 ? sign : -sign));
    });
  const [one, other] = [of[0], than[0]];
  if (level !== null && (of.length !== 1 || one === undefined))
    throw new UserError(`claim "${claim.config}" against ${claim.than}: name one config`, 'usage');
  const compared =
    level !== null && one !== undefined
      ? againstLevel(answered, figure, [one, level])
      : of.length === 1 && than.length === 1 && one !== undefined && other !== undefined
        ? pair(answered, figure, [one, other])
        : contrast(answered, figure, weights);
  return {
    ...{ claim, figure, of: said(of), than: level === null ? said(than) : claim.than },
    ...{ difference: compared.difference, half: compared.half },
    standing: standingOf(claim, figure, compared),
    verdict: compared.words,
  };
}
