/** The verdicts of an answer in words: where its interval excludes 0, what decides. */
import { type Decider, decidedBy, deciderOfConfig, deciderOfLevel } from '@ablate/answers';
import type { AnswerRow, LevelView } from '@ablate/contracts';
import { verdictWord } from '../../plots/verdict-mark.tsx';

const EXPLAINED: Readonly<Record<Decider, string>> = {
  'own seeds': 'the interval of the sweep’s pooled spread excludes 0, that of its own seeds does not',
  correction:
    'the interval excludes 0, but with so many comparisons some do by chance: corrected for that, it is within noise',
  'both spreads':
    'the interval of the sweep’s pooled spread excludes 0; by the spreads of this config and the baseline it is within noise',
};

export const verdictOf = (row: AnswerRow) => (row.baseline ? 'baseline' : (row.comparison?.verdict ?? 'no-result'));

const deciderOf = ({ comparison }: AnswerRow): Decider | null => comparison && deciderOfConfig(comparison);

const wordOf = (decider: Decider | null, verdict: LevelView['verdict']): string =>
  decider === null ? verdictWord(verdict) : decidedBy(decider);

export function rowWord(row: AnswerRow): string {
  const verdict = verdictOf(row);
  return verdict === 'no-result' && row.n > 0 ? 'no seed in common' : wordOf(deciderOf(row), verdict);
}
export const levelWord = (level: LevelView): string => wordOf(deciderOfLevel(level), level.verdict);

/** What decides, in a sentence; null where the interval says the same as the verdict. */
export function rowExplained(row: AnswerRow): string | null {
  const decider = deciderOf(row);
  return decider && EXPLAINED[decider];
}
export function levelExplained(level: LevelView): string | undefined {
  const decider = deciderOfLevel(level);
  return decider === null ? undefined : EXPLAINED[decider];
}
