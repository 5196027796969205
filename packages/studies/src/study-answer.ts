/** The answer of a study's sweep from its rows: the same code as the API's, without a database. */
import {
  type AnswerConfig,
  type AnswerInput,
  buildAnswer,
  namedConfig,
  specBaseline,
  type Values,
} from '@ablate/answers';
import {
  type Answer,
  type AnswerMetric,
  type AnswerSplit,
  canonicalJson,
  figureName,
  RunState,
  type Spec,
  UserError,
} from '@ablate/contracts';
import { mean, median } from '@ablate/statistics';
import type { PlannedSweep } from './plan.ts';
import type { RunRow } from './results.ts';

export type Figure = { metric: AnswerMetric; split: AnswerSplit };

/** The column of a figure in the rows of runs. */
const COLUMNS = ['test_accuracy', 'test_loss', 'val_accuracy', 'val_loss', 'train_accuracy'] as const;

function figureOf(row: RunRow, { metric, split }: Figure): number | null {
  const column = COLUMNS.find((name) => name === figureName(metric, split));
  if (column === undefined) throw new UserError(`no ${metric} is stored for ${split}`, 'usage');
  return row[column];
}

/** Rows by the position of their config. */
function byPosition(rows: readonly RunRow[]): Map<number, RunRow[]> {
  const found = new Map<number, RunRow[]>();
  for (const row of rows) found.set(row.position, [...(found.get(row.position) ?? []), row]);
  return new Map([...found].sort(([a], [b]) => a - b));
}

const UNFINISHED: readonly RunState[] = ['queued', 'running'];

/** The seconds of runs that succeeded. */
const useful = (rows: readonly RunRow[]): number[] =>
  rows.flatMap(({ state, useful_seconds: seconds }) => (state === 'succeeded' && seconds !== null ? [seconds] : []));

function configOf(position: number, rows: readonly RunRow[]): AnswerConfig {
  const [first] = rows;
  const seconds = useful(rows);
  const counted = (test: (state: RunState) => boolean) => rows.filter(({ state }) => test(state)).length;
  return {
    // Rows have no ids: a config is its position, in every installation.
    ...{ id: `${position}`, position, hash: `${position}`, axes: first?.axes ?? {}, fork: null },
    ...{ macs: first?.macs ?? null, parameters: first?.parameters ?? null },
    deviceSeconds: seconds.length === 0 ? null : mean(seconds),
    unfinished: counted((state) => UNFINISHED.includes(state)),
    failed: counted((state) => state === 'failed' || state === 'cancelled'),
    pruned: counted((state) => state === 'pruned'),
  };
}

export type Answered = {
  name: string;
  spec: Spec;
  rows: RunRow[];
  configs: AnswerConfig[];
  /** The values of a figure over the seeds of each config. */
  values: (figure: Figure) => Values;
  /** The answer for a figure, against a config. */
  answer: (figure: Figure, baseline?: string) => Answer;
};

/** The rows of one planned sweep. @throws UserError if they are of other configs than the spec has now */
export function answeredSweep({ name, spec, points }: PlannedSweep, all: readonly RunRow[]): Answered {
  const rows = all.filter(({ sweep }) => sweep === name);
  const grouped = byPosition(rows);
  const configs = [...grouped].map(([position, of]) => configOf(position, of));
  const known = points.map(({ axes }) => canonicalJson(axes));
  if (configs.some(({ position, axes }) => known[position] !== canonicalJson(axes)) || configs.length !== points.length)
    throw new UserError(`the results are of another version of ${name}.json: run the study again`);
  const values = (figure: Figure): Values =>
    new Map(
      [...grouped].map(([position, of]) => [
        `${position}`,
        new Map(
          of.flatMap((row) => {
            const value = figureOf(row, figure);
            return row.state === 'succeeded' && value !== null ? [[row.seed, value] as const] : [];
          }),
        ),
      ]),
    );
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  const answer = (figure: Figure, baseline?: string): Answer => {
    const of = values(figure);
    const base = specBaseline(configs, spec, ({ id }) => of.get(id)?.size ?? 0);
    const chosen =
      baseline === undefined
        ? base && { id: base.config.id, found: base.found, mostSeeds: base.mostSeeds }
        : { id: baseline, found: true, mostSeeds: false };
    const seconds = useful(rows);
    const sum = (column: 'useful_seconds' | 'lost_seconds') =>
      rows.reduce((total, row) => total + (row[column] ?? 0), 0);
    const counts = Object.fromEntries(
      RunState.options.map((state) => [state, rows.filter((row) => row.state === state).length]),
    );
    const input: AnswerInput = {
      sweep: { id: name, name: spec.name },
      spec: { ...spec, seeds },
      configs,
      values: of,
      baseline: chosen,
      ...figure,
      counts: { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, pruned: 0, ...counts },
      cost: {
        usefulSeconds: sum('useful_seconds'),
        lostSeconds: sum('lost_seconds'),
        prunedSeconds: 0,
        ...{ reusedRuns: 0, reusedSeconds: 0 },
        medianSeconds: seconds.length === 0 ? null : median(seconds),
      },
      failures: failuresOf(rows),
      notes: [...new Set(rows.flatMap(({ notes }) => notes))].sort(),
      limit: 1000,
    };
    return buildAnswer(input);
  };
  return { name, spec, rows, configs, values, answer };
}

function failuresOf(rows: readonly RunRow[]): AnswerInput['failures'] {
  const found = new Map<string, AnswerInput['failures'][number]>();
  for (const { state, cause } of rows) {
    if (state === 'succeeded' || UNFINISHED.includes(state)) continue;
    const key = `${state} ${cause}`;
    found.set(key, { state, cause, runs: (found.get(key)?.runs ?? 0) + 1, message: null });
  }
  return [...found.values()];
}

/** The config that a claim names. @throws UserError if the sweep has none or several */
export function configNamed({ name, configs }: Pick<Answered, 'name' | 'configs'>, text: string): AnswerConfig {
  const found = namedConfig(configs, text);
  if (found === undefined) throw new UserError(`no config of ${name}.json is "${text}"`, 'usage');
  return found;
}
