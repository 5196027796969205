/** What is better, by how much, and what cannot be told. */
import type { ComparisonView } from '@ablate/contracts';
import type { AnswerConfig } from '../input.ts';
import { counted, level, sentence } from '../quantities.ts';
import { effectSentence } from './effects.ts';
import { best, type Compared, configWords, type Facts, figure } from './facts.ts';
import { type Said, said, sizeOf } from './said.ts';
import { standingOut, verdicts, withoutEstimate, withoutNoise } from './verdicts.ts';

const isDecided = (verdict: ComparisonView['verdict']): boolean => verdict === 'better' || verdict === 'worse';

/** In the order in which they matter. */
export function results(facts: Facts): Said[] {
  const { answer, configs, values, comparisons } = facts;
  const top = best(facts);
  if (top === null) return [];
  if (configs.length === 1) {
    const [row] = answer.rows;
    const of = sentence(figure(answer));
    const unit = answer.metric === 'accuracy' ? ' %' : '';
    const number = (value: number) => level(value, answer.metric).replace(' %', '');
    return [
      said(
        row?.sd == null
          ? `${of}: ${number(top.mean)}${unit}; one seed: no estimate of noise.`
          : `${of}: ${number(top.mean)} ± ${number(row.sd)}${unit} (mean ± sd of ${counted(row.n, 'seed')}).`,
      ),
    ];
  }
  const base = configs.find(({ id }) => id === answer.baseline?.configId);
  if (base && (values.get(base.id)?.size ?? 0) === 0)
    return [
      said(
        `The baseline (${configWords(base, facts)}) has no result, so nothing is compared; the ${answer.better === 'higher' ? 'highest' : 'lowest'} ${figure(answer)} is ${level(top.mean, answer.metric)} (${configWords(top.config, facts)}).`,
      ),
    ];
  const compared = configs.flatMap((config): Compared[] => {
    const comparison = comparisons.get(config.id);
    return comparison && comparison.verdict !== 'no-result' ? [{ config, comparison }] : [];
  });
  const missing = comparisons.size - compared.length;
  const absent =
    missing > 0
      ? [
          said(
            `${counted(missing, 'config')} ${missing === 1 ? 'has' : 'have'} no seed in common with the baseline yet.`,
          ),
        ]
      : [];
  const judged = compared.filter(({ comparison }) => comparison.verdict !== 'no-noise-estimate');
  if (judged.length === 0) return [...withoutNoise(facts, compared).map((text) => said(text)), ...absent];
  const grids = answer.grids.filter(({ effects }) =>
    effects.some(({ levels }) => levels.some(({ pooled }) => pooled !== null)),
  );
  const inGrid = (config: AnswerConfig) =>
    grids.some(({ axes }) => axes.every((axis) => Object.hasOwn(config.axes, axis)));
  const effects = grids.flatMap((grid) =>
    grid.effects.map((effect) =>
      said(
        effectSentence(effect, grid, answer),
        sizeOf(effect.levels.flatMap(({ verdict, difference: of }) => (isDecided(verdict) ? [of] : []))),
      ),
    ),
  );
  const rest = judged.filter(({ config }) => !inGrid(config));
  const within = judged.filter(({ config }) => inGrid(config));
  const decided = within.filter(({ comparison: { verdict } }) => isDecided(verdict));
  return [
    ...effects,
    ...(grids.length === 0 ? verdicts(facts, judged, 'all') : []),
    // The effects tell of the configs of the grids already: the others come first.
    ...(grids.length > 0 && rest.length > 0 ? verdicts(facts, rest, 'rest') : []),
    ...(grids.length > 0 && decided.length > 0 ? verdicts(facts, within, rest.length > 0 ? 'rest' : 'all') : []),
    ...[...withoutEstimate(facts, compared), ...standingOut(facts, judged)].map((text) => said(text)),
    ...absent,
  ];
}
