/**
 * `find` and the other searches that draw: a sampler chooses configs, the better ones go on from rung to rung, then the two best configs and the baseline are trained
 * on fresh seeds. Only these are reported, since the best of many flatters. What it decides follows from its history alone.
 */
import type { Decision, FindSearch, Limit, SamplerName } from '@ablate/contracts';
import { hashedUniform } from '@ablate/random';
import { paretoFront } from '@ablate/statistics';
import type { Coordinate } from '../domain.ts';
import { ask, STARTUP } from '../sample/ask.ts';
import { chooseSampler } from '../sample/auto.ts';
import type { Kernel } from '../sample/gp/regression.ts';
import type { Raw, SampleSpace } from '../sample/sample-space.ts';
import type { Trial } from '../sample/trial.ts';
import { asha } from './asha.ts';
import { confirmed } from './confirm.ts';
import { hyperband } from './hyperband.ts';
import type { Deciding } from './log.ts';
import { median } from './median.ts';
import { type Contender, openRecords } from './records.ts';
import { epochsAt, type Length, type RunBudget, type Rung } from './rungs.ts';
import { freshSeeds, seedSequence } from './seeds.ts';

export type FindProblem = {
  search: Omit<FindSearch, 'method'>;
  space: SampleSpace;
  /** A config that is tried first and confirmed at the end. `raw` is null if it is not a point of the space. */
  baseline: { axes: Record<string, unknown>; hash: string; raw: Raw | null } | null;
  seeds: readonly number[];
  /** 1 if larger values are better, -1 if smaller ones are. */
  direction: 1 | -1;
  margin: number | null;
  rungs: readonly Rung[];
  /** How configs go from rung to rung; ASHA if it is left out. `grace`: epochs before the median rule stops a config. */
  promotion?: 'asha' | 'hyperband' | { grace: number };
  lengthOf(axes: Readonly<Record<string, unknown>>): Length;
  /** What a config costs, of which less is better: then the Pareto front is kept. */
  costOf?(axes: Readonly<Record<string, unknown>>): number;
  budget: RunBudget;
};

type Finish = Extract<Decision, { kind: 'finish' }>;

/** Configs of the search that are confirmed: the best, or so many of the front. */
const FINALISTS = 2;
const FRONT = 5;
/** How many configs of a search are confirmed at most, without its baseline. */
export const mostConfirmed = ({ costOf }: Pick<FindProblem, 'costOf'>): number => (costOf ? FRONT : FINALISTS);
/** Share of the configs that BOHB draws at random, so that no model leads it astray for ever. */
const RANDOM_SHARE = 1 / 3;

const PROMOTIONS = { asha, hyperband };

export function find(problem: FindProblem): Deciding {
  const { search, space, baseline, direction, margin, rungs, budget, costOf } = problem;
  const last = rungs.length - 1;
  const how =
    typeof problem.promotion === 'object' ? median(problem.promotion.grace) : PROMOTIONS[problem.promotion ?? 'asha'];
  const hasBudget = [budget.runs, budget.epochs, budget.samplesSeen].some((most) => most !== undefined);
  const firstSeeds = baseline ? how.baselineSeeds : 1;
  const seeds = seedSequence(problem.seeds, Math.max(how.baselineSeeds, ...rungs.map((rung) => rung.seeds)));
  const fresh = freshSeeds([...problem.seeds, ...seeds], search.confirm);
  const byCost = costOf !== undefined;
  const records = openRecords({ rungs, seeds, direction, firstSeeds, byCost });
  const { configs, spent, longest, standing, scoreAt } = records;
  const promotion = how.open({ records, rungs, eta: search.eta, byCost });
  let sampler: Exclude<SamplerName, 'auto'> | null = null;
  let kernel: Kernel | undefined;
  let asked = 0;
  let limit: Limit | null = null;
  let enough: Extract<Decision, { kind: 'enough' }>['why'] | null = null;
  /** The config whose runs are being asked for. */
  let open: Contender | null = null;
  let finalists: Contender[] | null = null;
  let isFinished = false;

  /** What the runs of a rung cost a config, and what confirming costs. */
  function affords(length: Length, from: Contender | null, rung: number): Limit | null {
    if (!hasBudget) return null;
    const epochs = epochsAt(rungs[rung]!, length);
    let [newRuns, more] = [0, 0];
    for (const seed of seeds.slice(0, rungs[rung]!.seeds)) {
      const run = from?.runs.get(seed);
      if (!run) newRuns++;
      more += Math.max(0, epochs - (run?.epochs ?? 0));
    }
    const replicates = rungs[rung]!.seeds === 1 ? promotion.reserved() : 0;
    const confirming = replicates + search.confirm * (mostConfirmed(problem) + (baseline ? 1 : 0));
    if (spent.runs + newRuns + confirming > (budget.runs ?? Number.POSITIVE_INFINITY)) return 'runs';
    const most = Math.max(length.epochs, longest.epochs);
    if (spent.epochs + more + confirming * most > (budget.epochs ?? Number.POSITIVE_INFINITY)) return 'epochs';
    const seen = Math.max(length.epochs * length.images, longest.samplesSeen);
    const samples = spent.samplesSeen + more * length.images + confirming * seen;
    return samples > (budget.samplesSeen ?? Number.POSITIVE_INFINITY) ? 'samplesSeen' : null;
  }

  /** A config for a rung that has too few at the end, from the highest such rung down. */
  function needed(): { config: Contender; rung: number } | null {
    for (let rung = last; rung > 0; rung--) {
      if (configs.filter((config) => config.rung >= rung).length >= FINALISTS) continue;
      const next = standing(rung - 1).find(({ config, score }) => config.rung === rung - 1 && Number.isFinite(score));
      if (next) return { config: next.config, rung };
    }
    return null;
  }

  /** A decision that costs what a rung does, or that the budget does not allow it. */
  function within(
    length: Length,
    from: Contender | null,
    rung: number,
    decision: () => Decision | null,
  ): Decision | null {
    const why = affords(length, from, rung);
    return why ? { kind: 'enough', why } : decision();
  }
  const send = (config: Contender, rung: number): Decision | null =>
    within(config.length, config, rung, () => records.missing(config, rung));

  function promote(): Decision | null {
    const isOver = enough !== null && enough !== 'exhausted';
    const config = promotion.next(isOver ? 'seeds' : enough === null && asked < search.samples ? 'joining' : 'joined');
    const sent = config && send(config, config.rung + 1);
    return isOver && sent?.kind === 'enough' ? null : sent;
  }

  /**
   * What samplers know. A Gaussian process and BOHB compare configs at one rung: the deepest with enough of them (Falkner, Klein and Hutter, "BOHB", ICML
   * 2018). Where cost counts, a config is worth its place among the others.
   */
  function trials(): Trial[] {
    const enough = Math.max(STARTUP, space.dimensions.length + 2);
    const at = rungs.findLastIndex((_, rung) => rung === 0 || standing(rung).length >= enough);
    const isOneRung = sampler === 'gp' || sampler === 'bohb';
    const places = byCost && rungs.map((_, rung) => new Map(standing(rung).map(({ config }, i) => [config, -i])));
    const worth = (config: Contender, rung: number): number | null => {
      const score = scoreAt(config, rung);
      return places && score !== null && Number.isFinite(score) ? (places[rung]?.get(config) ?? null) : score;
    };
    return configs.flatMap((config): Trial[] => {
      const { point } = config;
      if (point === null) return [];
      if (isOneRung) {
        const score = worth(config, at);
        return score !== null || config.rung >= at ? [{ point, score, depth: 0, seeds: rungs[at]!.seeds }] : [];
      }
      const depth = config.scores.length - 1;
      const score = depth < 0 ? null : worth(config, depth);
      return [{ point, score, depth: Math.max(0, depth), seeds: rungs[Math.max(0, depth)]!.seeds }];
    });
  }

  function askConfig(): Decision | null {
    if (sampler === null || asked >= search.samples) return null;
    const { seed } = search;
    const isChance = sampler === 'bohb' && hashedUniform(seed, asked, 'bohb') < RANDOM_SHARE;
    const by = sampler !== 'bohb' ? sampler : isChance ? 'random' : 'tpe';
    const known = by === 'tpe' || by === 'gp' ? trials() : [];
    const found = ask(space, known, {
      ...{ sampler: by, seed, number: asked, known: records.hashes },
      ...(kernel && { kernel }),
    });
    if (!found) return { kind: 'enough', why: 'exhausted' };
    const { hash, raw, candidate } = found.point;
    return within(problem.lengthOf(candidate.axes), null, promotion.firstRung(), () => ({
      ...{ kind: 'config', config: configs.length, axes: candidate.axes, hash, raw: raw.map(copy), by: found.by },
      ...(found.kernel && { kernel: { ...found.kernel, weights: [...found.kernel.weights] } }),
    }));
  }

  /** The configs of the search, the furthest and best first. */
  function best(): Contender[] {
    for (let rung = last; rung >= 0; rung--) {
      const order = standing(rung).filter(({ score }) => Number.isFinite(score));
      if (order.length > 0) {
        const deeper = order.map(({ config }) => config);
        const others = rung > 0 ? standing(rung - 1).filter(({ score }) => Number.isFinite(score)) : [];
        return [...new Set([...deeper, ...others.map(({ config }) => config)])];
      }
    }
    return [];
  }

  /** The best configs, which are confirmed: the most accurate first. */
  function chosenFinalists(): Contender[] {
    const ranked = best();
    if (!byCost) return ranked.slice(0, FINALISTS);
    const rung = rungs.findLastIndex((_, i) => standing(i).some(({ score }) => Number.isFinite(score)));
    return rung < 0
      ? []
      : records
          .front(rung)
          .slice(0, FRONT)
          .sort((a, b) => b.scores[rung]! - a.scores[rung]!);
  }

  const finish = (
    why: Finish['why'],
    winner: number | null,
    rows: Finish['rows'],
    expected: number | null = null,
  ): Decision => {
    const exhausted = enough === 'exhausted';
    const of = rows.flatMap(({ config, mean }) =>
      mean === null ? [] : [{ config, cost: configs[config]!.cost, value: direction * mean }],
    );
    const front = byCost ? { front: paretoFront(of).map((i) => of[i]!.config) } : {};
    return { kind: 'finish', why, exhausted, winner, expected, rows, ...front };
  };

  function confirm(): Decision {
    const chosen = chosenFinalists();
    const first = configs[0];
    if (chosen.length === 0) return finish('nothing', null, []);
    if (baseline && first && !chosen.includes(first)) chosen.push(first);
    const kept = byCost ? ({ kept: 'front' } as const) : {};
    return { kind: 'confirm', configs: chosen.map(({ number }) => number), seeds: fresh, ...kept };
  }

  /** The next run that confirms, or the end. */
  function confirming(of: readonly Contender[]): Decision | null {
    for (const seed of fresh)
      for (const config of of) if (!config.runs.has(seed)) return records.confirming(config, seed);
    if (records.waiting() > 0) return null;
    const wholeValue = (config: Contender, seed: number): number | null => {
      const run = config.runs.get(seed);
      const value = run && run.epochs >= config.length.epochs ? run.value : null;
      return value !== null && Number.isFinite(value) ? direction * value : null;
    };
    const results = of.map((config) => ({
      config: config.number,
      values: fresh.map((seed) => wholeValue(config, seed)),
      earlier: seeds.map((seed) => wholeValue(config, seed)),
    }));
    const { winner, expected, rows } = confirmed(results, {
      baseline: baseline ? 0 : null,
      direction,
      alpha: search.alpha,
      margin,
    });
    return finish(enough === null || enough === 'exhausted' ? 'confirmed' : enough, winner, rows, expected);
  }

  function next(): Decision | null {
    if (isFinished) return null;
    if (limit) {
      const [winner] = best();
      return finish(limit, winner?.number ?? null, []);
    }
    if (finalists) return confirming(finalists);
    if (open) {
      const train = records.missing(open, open.rung);
      if (train) return train;
      open = null;
    }
    if (sampler === null) return { kind: 'sampler', ...chooseSampler(search.sampler, space, search.samples, byCost) };
    if (baseline && configs.length === 0) {
      const { axes, hash, raw } = baseline;
      return { kind: 'config', config: 0, axes, hash, raw: raw?.map(copy) ?? null, by: 'baseline' };
    }
    const remark = promotion.remark();
    if (remark) return remark;
    const waiting = records.waiting();
    if (waiting >= search.parallel) return null;
    const decision = promote() ?? (enough ? null : askConfig());
    if (decision || waiting > 0) return decision;
    const forced = enough === null || enough === 'exhausted' ? needed() : null;
    return forced ? send(forced.config, forced.rung) : confirm();
  }

  function take(decision: Decision): void {
    promotion.take(decision);
    switch (decision.kind) {
      case 'sampler':
        sampler = decision.sampler;
        break;
      case 'config': {
        const { hash, raw, axes, by } = decision;
        const point = raw && { ...space.settle(raw), hash };
        const [length, cost] = [problem.lengthOf(axes), costOf?.(axes) ?? 0];
        open = records.join({ hash, point, length, cost, rung: promotion.firstRung() });
        kernel = decision.kernel ?? kernel;
        if (by !== 'baseline') asked++;
        break;
      }
      case 'train': {
        const config = records.start(decision);
        if (decision.rung !== null) open = config;
        break;
      }
      case 'enough':
        enough = decision.why;
        break;
      case 'confirm':
        finalists = decision.configs.map((number) => configs[number]!);
        break;
      case 'finish':
        isFinished = true;
        break;
    }
  }

  return {
    next,
    add(entry) {
      if ('limit' in entry) limit ??= entry.limit;
      else if ('decision' in entry) take(entry.decision);
      else if ('result' in entry) records.result(entry.result.run, entry.result.value);
    },
  };
}

const copy = (coordinate: Coordinate): number | number[] =>
  typeof coordinate === 'number' ? coordinate : [...coordinate];
