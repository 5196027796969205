/**
 * `ask`: a caller asks for configs one by one, which the sampler suggests or the caller gives, and has them trained or tells what it measured (`study.ask` and `study.tell` of Optuna). What is
 * decided follows from the asks, results and tells in the order of their commit.
 */
import type { AskSearch, Decision, HistoryEntry, Limit, SamplerName } from '@ablate/contracts';
import { mean } from '@ablate/statistics';
import { ask } from '../sample/ask.ts';
import { chooseSampler } from '../sample/auto.ts';
import type { Kernel } from '../sample/gp/regression.ts';
import type { Point, SampleSpace } from '../sample/sample-space.ts';
import type { Trial } from '../sample/trial.ts';
import type { Deciding } from './log.ts';
import type { Length, RunBudget } from './rungs.ts';

export type AskProblem = {
  search: Pick<AskSearch, 'samples' | 'seed' | 'sampler'>;
  space: SampleSpace;
  /** On which a trial is trained. */
  seeds: readonly number[];
  /** 1 if larger values are better, -1 if smaller ones are. */
  direction: 1 | -1;
  lengthOf(axes: Readonly<Record<string, unknown>>): Pick<Length, 'epochs' | 'images'>;
  budget: RunBudget;
};

type Asked = Extract<HistoryEntry, { ask: object }>['ask'];
/** `values`: by seed, larger is better, -Infinity for a failure; one of a trial that the caller measures. */
type Config = {
  point: Point;
  hash: string;
  train: boolean;
  length: Pick<Length, 'epochs' | 'images'>;
  values: Map<number, number>;
};

export function asked(problem: AskProblem): Deciding {
  const { search, space, seeds, direction, budget } = problem;
  const configs: Config[] = [];
  const runs: { config: Config; seed: number }[] = [];
  const pending: Asked[] = [];
  const spent = { runs: 0, epochs: 0, samplesSeen: 0 };
  let sampler: Exclude<SamplerName, 'auto'> | null = null;
  let kernel: Kernel | undefined;
  let suggested = 0;
  let limit: Limit | null = null;
  let isFinished = false;

  const scoreOf = ({ train, values }: Config): number | null =>
    values.size < (train ? seeds.length : 1) ? null : mean([...values.values()]);

  /** The budget that training a config would exceed. */
  function exceeded({ epochs, images }: Pick<Length, 'epochs' | 'images'>): Limit | null {
    const more = { runs: seeds.length, epochs: seeds.length * epochs, samplesSeen: seeds.length * epochs * images };
    const names = ['runs', 'epochs', 'samplesSeen'] as const;
    return names.find((name) => spent[name] + more[name] > (budget[name] ?? Number.POSITIVE_INFINITY)) ?? null;
  }

  /** The next run of the newest config that is trained. */
  function missing(): Decision | null {
    const config = configs.at(-1);
    if (!config?.train) return null;
    const seed = seeds.find((one) => !runs.some((run) => run.config === config && run.seed === one));
    if (seed === undefined) return null;
    return { kind: 'train', run: runs.length, config: configs.length - 1, seed, rung: 0, epochs: null };
  }

  function suggest(): Decision {
    // With one rung BOHB is TPE.
    const chosen = sampler === 'bohb' ? 'tpe' : (sampler ?? 'random');
    const trials = configs.map((config): Trial => {
      return { point: config.point, score: scoreOf(config), depth: 0, seeds: config.train ? seeds.length : 1 };
    });
    const options = { sampler: chosen, seed: search.seed, number: suggested, ...(kernel && { kernel }) };
    const found = ask(space, trials, options);
    if (!found) return { kind: 'enough', why: 'exhausted' };
    const { hash, raw, candidate } = found.point;
    return {
      ...{ kind: 'config', config: configs.length, axes: candidate.axes, hash, by: found.by },
      raw: raw.map((one) => (typeof one === 'number' ? one : [...one])),
      ...(found.kernel && { kernel: { ...found.kernel, weights: [...found.kernel.weights] } }),
    };
  }

  function next(): Decision | null {
    if (isFinished) return null;
    if (limit) {
      const [best] = configs
        .flatMap((config, i) => ({ i, score: scoreOf(config) ?? Number.NEGATIVE_INFINITY }))
        .filter(({ score }) => Number.isFinite(score))
        .sort((a, b) => b.score - a.score || a.i - b.i);
      return { kind: 'finish', why: limit, exhausted: false, winner: best?.i ?? null, rows: [] };
    }
    const train = missing();
    if (train) return train;
    const [first] = pending;
    if (!first) return null;
    if (first.point === null && sampler === null)
      return { kind: 'sampler', ...chooseSampler(search.sampler, space, search.samples) };
    const config: Decision =
      first.point === null ? suggest() : { kind: 'config', config: configs.length, ...first.point, by: 'caller' };
    if (config.kind !== 'config' || !first.train) return config;
    const over = exceeded(problem.lengthOf(config.axes));
    return over ? { kind: 'enough', why: over } : config;
  }

  function take(decision: Decision): void {
    if (decision.kind === 'sampler') sampler = decision.sampler;
    else if (decision.kind === 'enough') pending.shift();
    else if (decision.kind === 'finish') isFinished = true;
    else if (decision.kind === 'config' && decision.raw) {
      const { raw, hash, axes } = decision;
      const train = pending.shift()?.train ?? true;
      const point = { ...space.settle(raw), hash };
      configs.push({ point, hash, train, length: problem.lengthOf(axes), values: new Map() });
      kernel = decision.kernel ?? kernel;
      if (decision.by !== 'caller') suggested++;
    } else if (decision.kind === 'train') {
      const config = configs[decision.config]!;
      const { epochs, images } = config.length;
      runs[decision.run] = { config, seed: decision.seed };
      spent.runs++;
      spent.epochs += epochs;
      spent.samplesSeen += epochs * images;
    }
  }

  const scored = (value: number | null): number => (value === null ? Number.NEGATIVE_INFINITY : direction * value);

  return {
    next,
    add(entry) {
      if ('limit' in entry) limit ??= entry.limit;
      else if ('ask' in entry) pending.push(entry.ask);
      else if ('tell' in entry) configs[entry.tell.config]?.values.set(0, scored(entry.tell.value));
      else if ('decision' in entry) take(entry.decision);
      else {
        const run = runs[entry.result.run];
        if (!run)
          throw new RangeError(`the history has a result of run ${entry.result.run}, which no decision asks for`);
        run.config.values.set(run.seed, scored(entry.result.value));
      }
    },
  };
}
