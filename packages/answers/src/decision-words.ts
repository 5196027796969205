/** A row of a search's log as a sentence. */
import type { AnswerMetric, Decision, HistoryEntry } from '@ablate/contracts';
import { formatValue } from './axes.ts';
import { counted, level, listed, plain, signedAmount } from './quantities.ts';

type Row<Kind extends Decision['kind']> = Extract<Decision, { kind: Kind }>;

const LIMITS: Readonly<Record<string, string>> = {
  runs: 'the budget of runs is used up',
  epochs: 'the budget of epochs is used up',
  samplesSeen: 'the budget of samples is used up',
  deviceHours: 'the budget of device hours is used up',
  wallClock: 'the time is up',
  caller: 'its caller ends it',
  exhausted: 'the space has no other valid config',
  decided: 'every config is decided',
  seeds: 'every seed is trained',
  confirmed: 'the winner is confirmed on fresh seeds',
  nothing: 'no run has a result',
};
const why = (reason: string): string => LIMITS[reason] ?? reason;

const axesWords = (axes: Row<'config'>['axes']): string =>
  plain(
    Object.entries(axes)
      .map(([path, value]) => `${path} ${formatValue(value)}`)
      .join(', '),
  ) || 'as written';

function stopped({ config, why: reason, seeds, against, difference }: Row<'stop'>, metric: AnswerMetric): string {
  if (reason === 'median')
    return `Config ${config} stops: its best result so far is ${signedAmount(difference ?? 0, null, metric)} from the median of the others at that point.`;
  if (reason === 'failed') return `Config ${config} leaves the race: a run of it failed.`;
  const apart = difference === null ? '' : `, ${signedAmount(difference, null, metric)} from config ${against}`;
  const how = reason === 'same' ? 'is the same as the best' : 'is clearly behind';
  return `Config ${config} gets no more seeds: it ${how} after ${counted(seeds, 'seed')}${apart}.`;
}

const configsWords = (configs: readonly number[]): string =>
  `${configs.length === 1 ? 'config' : 'configs'} ${listed(configs.map(String), configs.length)}`;

/** `1 until epoch 4, 9 until epoch 8, then 13`. */
const scheduleWords = (schedule: NonNullable<Row<'finish'>['schedule']>): string =>
  schedule
    .map(({ config }, i) => {
      const next = schedule[i + 1];
      return next ? `${config} until epoch ${next.epochs}` : `then ${config}`;
    })
    .join(', ');

function finished(
  { why: reason, winner, expected = null, rows, front = [], schedule = [] }: Row<'finish'>,
  metric: AnswerMetric,
): string {
  const best = rows.find(({ config }) => config === winner);
  const mean = expected ?? best?.mean ?? null;
  const reached =
    mean === null || best === undefined ? '' : ` with ${level(mean, metric)} on ${counted(best.seeds, 'seed')}`;
  const apart =
    best && best.difference !== null ? `, ${signedAmount(best.difference, best.half, metric)}: ${best.verdict}` : '';
  const kept = front.length > 0 ? ` Kept, on the front: ${configsWords(front)}.` : '';
  const followed = schedule.length > 0 ? ` It is the end of a schedule: config ${scheduleWords(schedule)}.` : '';
  return `Finished, ${why(reason)}: ${winner === null ? 'no winner' : `config ${winner} wins${reached}${apart}`}.${kept}${followed}`;
}

/** One sentence for each kind of decision. */
const SENTENCES: { [Kind in Decision['kind']]: (row: Row<Kind>, metric: AnswerMetric) => string } = {
  sampler: (row) => `Configs are chosen by ${row.sampler}: ${row.why}.`,
  config: ({ config, by, fork, axes }) =>
    `Config ${config}, by ${by}${fork ? `, goes on from config ${fork.config} after epoch ${fork.epochs}` : ''}: ${axesWords(axes)}.`,
  train: ({ run, config, seed, epochs, rung, fork }) =>
    `Run ${run}: config ${config}, seed ${seed}${rung === null ? ', to confirm' : ''}${fork ? `, from run ${fork.run} after epoch ${fork.epochs}` : ''}${epochs === null ? '' : `, until epoch ${epochs}`}.`,
  stop: stopped,
  ranks: ({ rung, configs, tau, share = null, skipped }) => {
    const ranks = tau === null ? 'nothing to rank' : `Kendall’s tau ${tau.toFixed(2)}`;
    const next = skipped ? '; all go on' : share === null ? '' : `; the best ${Math.round(100 * share)} % go on`;
    return `${counted(configs, 'config')} at rungs ${rung} and ${rung + 1}: ${ranks}${next}.`;
  },
  enough: (row) => `No config joins from here on: ${why(row.why)}.`,
  confirm: ({ configs, seeds, kept }) =>
    `${kept ? 'The Pareto front is kept. ' : ''}${configs.length === 1 ? 'Config' : 'Configs'} ${listed(configs.map(String), configs.length)} ${configs.length === 1 ? 'is' : 'are'} trained on fresh seeds: ${listed(seeds.map(String), seeds.length)}.`,
  finish: finished,
};

function ofDecision<Kind extends Decision['kind']>(kind: Kind, row: Row<Kind>, metric: AnswerMetric): string {
  return SENTENCES[kind](row, metric);
}

/** A row of a search's log in one sentence. `metric` is that of the spec. */
export function decisionWords(entry: HistoryEntry, metric: AnswerMetric): string {
  if ('limit' in entry) return `A limit is reached: ${why(entry.limit)}.`;
  if ('decision' in entry) return ofDecision(entry.decision.kind, entry.decision, metric);
  if ('ask' in entry) {
    const { point, train } = entry.ask;
    return `A caller ${point ? 'gives a config' : 'asks for a config'}${train ? '' : ', to measure it'}.`;
  }
  if ('tell' in entry) {
    const { config, value } = entry.tell;
    return `Config ${config}: ${value === null ? 'it failed' : level(value, metric)}, as a caller tells.`;
  }
  const { run, value } = entry.result;
  return `Run ${run}: ${value === null ? 'no result' : `${level(value, metric)} on validation`}.`;
}
