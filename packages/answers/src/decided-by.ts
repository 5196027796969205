/** What decides where the interval that is shown excludes 0 and the verdict is noise all the same: better and worse need more than one test. */
import type { ComparisonView, GridView, LevelView } from '@ablate/contracts';

const ALPHA = 0.05;

type Judged = Pick<ComparisonView, 'verdict' | 'paired' | 'pooled'>;

/** The test that is not passed, by the order of docs/statistics.md: its own seeds, the correction for many comparisons, the spreads of the two. */
export type Decider = 'own seeds' | 'correction' | 'both spreads';

/** The decider of a config against the baseline; null where the interval says the same as the verdict. */
export function deciderOfConfig({ verdict, paired, pooled }: Judged): Decider | null {
  if (verdict !== 'noise' || pooled === null || (pooled.low <= 0 && pooled.high >= 0)) return null;
  if ((paired?.p ?? 1) >= ALPHA) return 'own seeds';
  return (pooled.adjusted ?? 1) >= ALPHA ? 'correction' : 'both spreads';
}

/** The decider of a value of an axis, which has two tests: the correction is for all tests of the grid. */
export function deciderOfLevel(level: Pick<LevelView, 'verdict' | 'paired' | 'pooled'>): Decider | null {
  const decider = deciderOfConfig(level);
  return decider === 'both spreads' ? 'correction' : decider;
}

/** How many tests of a grid are corrected together. */
export const testsOf = ({ effects, interactions }: GridView): number =>
  effects.reduce((sum, { levels }) => sum + levels.filter(({ pooled }) => pooled?.adjusted != null).length, 0) +
  interactions.filter(({ adjusted }) => adjusted !== null).length;

/** The decider in words; `tests` are corrected together, if known. */
export const decidedBy = (decider: Decider, tests?: number): string =>
  ({
    'own seeds': 'within noise by its own seeds',
    correction:
      tests === undefined ? 'within noise once corrected' : `within noise once corrected for ${tests} comparisons`,
    'both spreads': 'within noise by both spreads',
  })[decider];
