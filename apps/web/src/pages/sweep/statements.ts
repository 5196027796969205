/** The statements behind the numbers of a sweep's page: a reader can run and change them. */
import type { Answer } from '@ablate/contracts';

type Figure = Pick<Answer, 'metric' | 'split'>;

const SPLITS = { test: 'test', validation: 'val', train: 'train' } as const;

/** The name of a figure in SQL. */
export const metricName = ({ metric, split }: Figure): string => `${SPLITS[split]}_${metric}`;

/** Differences from the baseline of the spec are stored with their verdicts. */
const fromStored = ({ sweep, ...figure }: Answer): string =>
  `select axes, n, mean, sd, coalesce(pooled_difference, difference) as difference,
  coalesce(pooled_half, half) as half, holm_p, verdict
from comparisons
where sweep_id = '${sweep.id}' and metric = '${metricName(figure)}'
order by position`;

/** Differences from another config, seed by seed. */
const fromConfig = ({ sweep, ...figure }: Answer, baseline: number): string =>
  `with result as (
  select cells.position, cells.axes, one.seed, one.value
  from cells cross join lateral unnest(cells.seeds, cells."values") as one(seed, value)
  where cells.sweep_id = '${sweep.id}' and cells.metric = '${metricName(figure)}'
)
select result.axes, count(*) as n, avg(result.value) as mean, stddev_samp(result.value) as sd,
  count(base.value) as pairs, avg(result.value - base.value) as difference,
  stddev_samp(result.value - base.value) as sd_of_differences
from result left join result base on base.position = ${baseline} and base.seed = result.seed
group by result.position, result.axes
order by result.position`;

/** `chosen`: the baseline is not that of the spec. */
export const answerStatement = (answer: Answer, { chosen }: { chosen: boolean }): string =>
  chosen && answer.baseline ? fromConfig(answer, answer.baseline.position) : fromStored(answer);

const ofSweep = (view: string, { sweep, ...figure }: Answer): string =>
  `select * from ${view}\nwhere sweep_id = '${sweep.id}' and metric = '${metricName(figure)}'`;

export const effectsStatement = (answer: Answer): string =>
  `${ofSweep('effects', answer)}\norder by grid, axis, position`;

export const interactionsStatement = (answer: Answer): string =>
  `${ofSweep('interactions', answer)}\norder by grid, axis_a, axis_b, position`;

/** A row for each config that has a result. */
export const pointsStatement = ({ sweep, ...figure }: Answer): string =>
  `select position, axes, n, mean\nfrom cells\nwhere sweep_id = '${sweep.id}' and metric = '${metricName(figure)}'\norder by mean ${figure.better === 'higher' ? 'desc' : 'asc'}`;

export const failuresStatement = ({ sweep }: Answer): string =>
  `select state, cause, count(*) as runs, min(message) as a_message\nfrom runs\nwhere sweep_id = '${sweep.id}' and state in ('failed', 'cancelled', 'pruned')\ngroup by state, cause\norder by runs desc`;
