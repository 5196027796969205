/** What a sweep varies, and how far it has come. */
import type { Answer, Cause, RunState } from '@ablate/contracts';
import { axisWords, formatPoint, type ValueText } from '../axes.ts';
import type { AnswerConfig } from '../input.ts';
import { counted, listed, plain } from '../quantities.ts';
import type { Facts } from './facts.ts';

/** How the configs of a sweep were chosen. */
const HOW: Readonly<Partial<Record<Answer['search'], string>>> = {
  grid: 'Varied',
  compare: 'Raced',
  random: 'Drawn at random',
  ask: 'Asked for',
};

const CAUSES: Readonly<Record<Cause, string>> = {
  completed: 'completed',
  user_error: 'error in the spec or the data',
  diverged: 'diverged',
  out_of_memory: 'out of memory',
  lost: 'lost',
  preempted: 'preempted',
  cancelled: 'cancelled',
  superseded: 'superseded',
};

const FINISHED: Readonly<Partial<Record<RunState, string>>> = {
  failed: 'failed',
  cancelled: 'cancelled',
  pruned: 'pruned',
};

/** Values of an axis that are listed one by one. */
export const MAX_VALUES = 4;

/** `patch size (4, 8)`, `learning rate (0.001 to 0.1)`, `augment (12 values)`; one value only as `ordering v1`. */
function variedAxis(
  { path, name }: Answer['axes'][number],
  configs: readonly AnswerConfig[],
  text: ValueText,
): { words: string; varies: boolean } {
  const seen = new Map<string, unknown>();
  for (const { axes } of configs) if (Object.hasOwn(axes, path)) seen.set(text(path, axes[path]), axes[path]);
  const axis = plain(axisWords(name));
  const [first] = seen;
  if (first && seen.size === 1)
    return { words: plain(formatPoint({ [path]: first[1] }, { text, wording: () => axis })), varies: false };
  const numbers = [...seen.values()].filter((value) => typeof value === 'number');
  const range = () => {
    const [low, high] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
    return `${Number(low.toPrecision(3))} to ${Number(high.toPrecision(3))}`;
  };
  const values =
    seen.size <= MAX_VALUES
      ? [...seen.keys()].map(plain).join(', ')
      : numbers.length < seen.size
        ? `${seen.size} values`
        : range();
  return { words: `${axis} (${values})`, varies: true };
}

/** Sets of axes that are named one by one. */
const MAX_SETS = 3;

/** What was varied, and how many configs and seeds that makes. A union of spaces is a list of products. */
export function varied({ answer, configs, text }: Facts): string {
  const { axes, runs } = answer;
  if (configs.length === 1) return `One config, ${counted(runs.total, 'seed')}: add an axis to \`space\` to compare.`;
  const seeds = runs.total / configs.length;
  const size = `${counted(configs.length, 'config')}, ${Number.isInteger(seeds) ? counted(seeds, 'seed') : counted(runs.total, 'run')}`;
  const keyed = new Map<string, { of: Answer['axes']; members: AnswerConfig[] }>();
  for (const config of configs) {
    const of = axes.filter(({ path }) => Object.hasOwn(config.axes, path));
    const key = of.map(({ path }) => path).join(' ');
    const set = keyed.get(key) ?? { of, members: [] };
    keyed.set(key, set);
    set.members.push(config);
  }
  const named = (of: Answer['axes'], members: readonly AnswerConfig[]) => {
    const found = of.map((axis) => variedAxis(axis, members, text));
    const product = found.flatMap(({ words, varies }) => (varies ? [words] : [])).join(' × ');
    return [product, ...found.flatMap(({ words, varies }) => (varies ? [] : [words]))].filter(Boolean).join(', ');
  };
  const spaces =
    keyed.size <= MAX_SETS
      ? [...keyed.values()].map(({ of, members }) => named(of, members) || 'as written')
      : axes.map((axis) => variedAxis(axis, configs, text).words);
  const how = HOW[answer.search] ?? 'Searched';
  return `${how}: ${keyed.size <= MAX_SETS ? spaces.join('; ') : listed(spaces, 5)}. ${size}.`;
}

/** `: 8 diverged, 4 out of memory`. */
const causes = ({ failures }: Pick<Answer, 'failures'>): string => {
  const counts = failures.map(
    ({ state, cause, runs }) => `${runs} ${cause === null ? (FINISHED[state] ?? state) : CAUSES[cause]}`,
  );
  return counts.length === 0 ? '' : `: ${counts.join(', ')}`;
};

export function progress({ answer: { runs, status } }: Facts): string[] {
  if (status === 'final') return [];
  const finished = runs.total - runs.queued - runs.running;
  return [`Provisional: ${finished} of ${counted(runs.total, 'run')} finished.`];
}

export function failed({ answer }: Facts): string[] {
  const { runs } = answer;
  const without = runs.failed + runs.cancelled + runs.pruned;
  if (without === 0) return [];
  if (without === runs.total) return [`No run succeeded${causes(answer)}.`];
  return [`${without} of ${counted(runs.total, 'run')} without a result${causes(answer)}.`];
}
