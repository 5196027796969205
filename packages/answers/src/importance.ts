/** Which axes of a random search matter: exploration, not a test. */
import { type Axis, canonicalJson, type ImportanceView, type Range, type Space } from '@ablate/contracts';
import { pedAnova, type SearchAxis, type Trial } from '@ablate/statistics';
import { axisNames } from './axes.ts';
import type { Direction } from './comparisons.ts';
import type { AnswerConfig } from './input.ts';

/** Fewer top configs than this say nothing (Optuna's documentation of PED-ANOVA). */
const MIN_TOP = 5;
const MIN_CONFIGS = 2 * MIN_TOP;

/** The axis as the search drew it, over all subspaces: numbers if each is a range or a list of numbers, else choices. */
function searchAxis(name: string, space: Space, seen: readonly unknown[]): SearchAxis {
  const written: Axis[] = [space].flat().flatMap((subspace) => {
    const axis = subspace[name];
    return axis === undefined ? [] : [axis];
  });
  const ranges = written.filter((axis): axis is Range => 'min' in axis);
  const numbers = seen.filter((value) => typeof value === 'number');
  if (ranges.length > 0 && numbers.length === seen.length) {
    const ends = [...ranges.flatMap(({ min, max }) => [min, max]), ...numbers];
    const low = ends.reduce((least, end) => Math.min(least, end));
    const high = ends.reduce((most, end) => Math.max(most, end));
    return { name, kind: 'number', low, high, log: low > 0 && ranges.every(({ scale }) => scale === 'log') };
  }
  return { name, kind: 'choice', choices: [...new Set(seen.map(canonicalJson))] };
}

/** The share of each axis in what makes a config one of the best; null with fewer than ten configs with a result. */
export function axisImportance(
  configs: readonly AnswerConfig[],
  means: ReadonlyMap<string, number>,
  { axes, space, direction }: { axes: readonly string[]; space: Space; direction: Direction },
): ImportanceView | null {
  const done = configs.flatMap((config) => {
    const found = means.get(config.id);
    return found === undefined ? [] : [{ config, result: direction * found }];
  });
  if (done.length < MIN_CONFIGS || axes.length === 0) return null;
  const drawn = axes.map((name) =>
    searchAxis(
      name,
      space,
      configs.flatMap(({ axes: of }) => (Object.hasOwn(of, name) ? [of[name]] : [])),
    ),
  );
  const trials = done.map(({ config, result }): Trial => {
    const of = drawn.flatMap(({ name, kind }): [string, string | number][] => {
      if (!Object.hasOwn(config.axes, name)) return [];
      const value = config.axes[name];
      return [[name, kind === 'number' && typeof value === 'number' ? value : canonicalJson(value)]];
    });
    return { values: Object.fromEntries(of), result };
  });
  const quantile = Math.max(0.1, MIN_TOP / done.length);
  const { importance, topTrials } = pedAnova(trials, drawn, { quantile });
  const total = Object.values(importance).reduce((sum, one) => sum + one, 0);
  if (!(total > 0)) return null;
  const names = axisNames(axes);
  return {
    method: 'PED-ANOVA',
    exploration: true,
    configs: done.length,
    top: topTrials,
    axes: axes
      .map((axis, i) => ({ axis, name: names[i] ?? axis, share: Math.min(1, (importance[axis] ?? 0) / total) }))
      .sort((a, b) => b.share - a.share),
  };
}
