/** The effects of axes and their interactions as tables. */
import type { Answer, AnswerMetric, IntervalView, LevelView } from '@ablate/contracts';
import { VERDICT_WORDS } from '@ablate/statistics';
import { type Table, textCell } from '@ablate/tables';
import { decidedBy, deciderOfLevel } from '../decided-by.ts';
import { figureHead, printed } from './answer-columns.ts';

const half = (interval: IntervalView | null): number | null => interval && (interval.high - interval.low) / 2;

/** A probability to three digits: its precision varies, so it is text. */
const probability = (p: number | null) => textCell(p === null ? '' : p < 0.001 ? '<0.001' : p.toPrecision(2));

const difference = (metric: AnswerMetric, value: number | null, spread: number | null) =>
  value === null ? null : printed(metric, value, spread, true);

function levelWord(level: LevelView): string {
  const decider = deciderOfLevel(level);
  return decider === null ? VERDICT_WORDS[level.verdict] : decidedBy(decider);
}

/** A row for each value of an axis: its mean over everything else, and its difference from the first value. */
export function effectsTable({ grids, metric, split }: Answer): Table {
  const levels = grids.flatMap(({ effects }, grid) =>
    effects.flatMap((effect) => effect.levels.map((level) => ({ grid: grid + 1, effect, level }))),
  );
  return {
    columns: [
      { head: 'axis', right: false },
      { head: 'value', right: false },
      { head: figureHead({ split, metric }), right: true },
      { head: 'Δ', right: true },
      { head: 'verdict', right: false },
      { head: 'F test, p', right: true },
    ],
    rows: levels.map(({ effect, level }) => [
      textCell(effect.name),
      textCell(level.text),
      printed(metric, level.mean, null),
      difference(metric, level.difference, half(level.pooled ?? level.paired)),
      textCell(levelWord(level)),
      level === effect.levels[0] ? probability(effect.p) : null,
    ]),
    sentences: [],
    legend: [`Δ: from the baseline of the axis, over all other axes and seeds, ± half of its 95 % interval`],
    data: {
      columns: [
        'grid',
        'axis',
        'value',
        'reference',
        'mean',
        'difference',
        'low',
        'high',
        'p',
        'p_holm',
        'verdict',
        'axis_f',
        'axis_p',
      ],
      rows: levels.map(({ grid, effect, level }) => {
        const interval = level.pooled ?? level.paired;
        return [
          ...[grid, effect.axis, level.text, level.verdict === 'baseline', level.mean, level.difference],
          ...[interval?.low ?? null, interval?.high ?? null, interval?.p ?? null, interval?.adjusted ?? null],
          ...[level.verdict, effect.f, effect.p],
        ];
      }),
    },
  };
}

/** A row for each pair of values of two axes. */
export function interactionsTable({ grids, metric, split }: Answer): Table {
  const cells = grids.flatMap(({ interactions }, grid) =>
    interactions.flatMap((interaction) =>
      (interaction.cells ?? []).map((cell) => ({ grid: grid + 1, interaction, cell })),
    ),
  );
  return {
    columns: [
      { head: 'axes', right: false },
      { head: 'first', right: false },
      { head: 'second', right: false },
      { head: figureHead({ split, metric }), right: true },
      { head: 'beyond main effects', right: true },
      { head: 'F test, p', right: true },
    ],
    rows: cells.map(({ interaction, cell }) => [
      textCell(interaction.axes.join(' × ')),
      textCell(cell.levels[0] ?? ''),
      textCell(cell.levels[1] ?? ''),
      printed(metric, cell.mean, null),
      difference(metric, cell.excess, null),
      cell === interaction.cells?.[0] ? probability(interaction.adjusted ?? interaction.p) : null,
    ]),
    sentences: [],
    legend: ['beyond main effects: the mean minus what the two main effects add up to'],
    data: {
      columns: ['grid', 'axis_a', 'axis_b', 'level_a', 'level_b', 'mean', 'excess', 'f', 'p', 'p_holm', 'beyond_noise'],
      rows: cells.map(
        ({ grid, interaction: { axes, f, p, adjusted, beyondNoise }, cell: { levels, mean, excess } }) => [
          ...[grid, axes[0] ?? '', axes[1] ?? '', levels[0] ?? '', levels[1] ?? ''],
          ...[mean, excess, f, p, adjusted, beyondNoise],
        ],
      ),
    },
  };
}
