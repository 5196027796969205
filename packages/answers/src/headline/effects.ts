/** What the axes of a grid do. */
import type { EffectView, GridView, LevelView } from '@ablate/contracts';
import { axisWords } from '../axes.ts';
import { decidedBy, deciderOfLevel, testsOf } from '../decided-by.ts';
import { amount, listed, plain, sentence, signedAmount } from '../quantities.ts';
import type { Facts } from './facts.ts';
import { MAX_VALUES } from './varied.ts';

/** One sentence for each axis of a grid. */
export function effectSentence(
  { name, axis, levels, dependsOn }: EffectView,
  grid: GridView,
  answer: Facts['answer'],
): string {
  const { interactions, effects } = grid;
  const words = axisWords(name);
  const reference = levels.find(({ verdict }) => verdict === 'baseline');
  const others = levels.filter((one) => one !== reference);
  const head = `${sentence(plain(words))}`;
  const against = plain(reference?.text ?? '');
  if (dependsOn.length > 0) {
    const other = effects.find((effect) => effect.name === dependsOn[0]);
    const cells = interactions.find(({ axes }) => axes.includes(axis) && other && axes.includes(other.axis));
    const at = cells && cells.axes[0] === axis ? ([0, 1] as const) : ([1, 0] as const);
    const cell = (mine: string, theirs: string) =>
      cells?.cells?.find(({ levels: both }) => both[at[0]] === mine && both[at[1]] === theirs)?.mean;
    const examples =
      others.length === 1 && other && other.levels.length <= MAX_VALUES
        ? other.levels.flatMap(({ text }) => {
            const [mine, theirs] = [cell(others[0]?.text ?? '', text), cell(reference?.text ?? '', text)];
            if (mine === undefined || theirs === undefined) return [];
            return [
              `${signedAmount(mine - theirs, null, answer.metric)} at ${plain(axisWords(other.name))} ${plain(text)}`,
            ];
          })
        : [];
    const detail =
      examples.length > 0 ? `: ${plain(others[0]?.text ?? '')} against ${against} is ${listed(examples)}` : '';
    return `${head} depends on ${listed(dependsOn.map((one) => plain(axisWords(one))))}${detail}.`;
  }
  const amountOf = ({ difference: of, pooled }: LevelView) =>
    signedAmount(of ?? 0, pooled === null ? null : (pooled.high - pooled.low) / 2, answer.metric);
  const openAmount = (one: LevelView) => {
    const decider = deciderOfLevel(one);
    return `${amountOf(one)}${decider === null ? '' : `; ${decidedBy(decider, testsOf(grid))}`}`;
  };
  const within = amount(answer.margin ?? 0, answer.metric);
  const pick = (...verdicts: LevelView['verdict'][]) => others.filter(({ verdict }) => verdicts.includes(verdict));
  const [only] = others;
  if (only && others.length === 1) {
    const name = plain(only.text);
    if (only.verdict === 'better' || only.verdict === 'worse')
      return `${head}: ${name} is ${only.verdict} than ${against} by ${amountOf(only).slice(1)}.`;
    if (only.verdict === 'equivalent') return `${head}: ${name} is the same as ${against} within ${within}.`;
    return `${head}: ${name} cannot be told from ${against} (${openAmount(only)}).`;
  }
  const by = (one: LevelView) => `${plain(one.text)} is ${one.verdict} by ${amountOf(one).slice(1)}`;
  const [decided, same, open] = [pick('better', 'worse'), pick('equivalent'), pick('noise', 'no-noise-estimate')];
  const parts = [
    ...(decided.length > 0 ? [listed(decided.map(by))] : []),
    ...(same.length > 0
      ? [`${listed(same.map(({ text }) => plain(text)))} ${same.length === 1 ? 'is' : 'are'} the same within ${within}`]
      : []),
    ...(open.length > 0
      ? [`${listed(open.map((one) => `${plain(one.text)} (${openAmount(one)})`))} cannot be told from it`]
      : []),
  ];
  return `${head}, against ${against}: ${parts.join('; ')}.`;
}
