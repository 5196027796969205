/**
 * `find`: promotion ASHA over samples seen and seeds (Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020), then the two best configs and
 * the baseline on fresh seeds. Only these are reported, since the best of many flatters. What it decides follows from its history alone.
 */
import type { Decision, FindSearch, Limit, SamplerName } from '@ablate/contracts';
import { kendallTau, mean, raceLook, standardDeviation } from '@ablate/statistics';
import type { Coordinate } from '../domain.ts';
import { ask } from '../sample/ask.ts';
import { chooseSampler } from '../sample/auto.ts';
import type { Kernel } from '../sample/gp/regression.ts';
import type { Point, Raw, SampleSpace } from '../sample/sample-space.ts';
import type { Trial } from '../sample/trial.ts';
import { confirmed } from './confirm.ts';
import type { Deciding } from './log.ts';
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
  lengthOf(axes: Readonly<Record<string, unknown>>): Length;
  budget: RunBudget;
};

type Train = Extract<Decision, { kind: 'train' }>;
type Finish = Extract<Decision, { kind: 'finish' }>;

/** `rung`: the one that it was sent to. `values`: by rung, then by seed; larger is better, -Infinity for a failure. */
type Config = {
  number: number;
  hash: string;
  point: Point | null;
  length: Length;
  rung: number;
  runs: Map<number, Run>;
  values: number[][];
};
/** `epochs`: where it stops. `value`: its latest. */
type Run = { number: number; config: Config; seed: number; rung: number | null; epochs: number; value: number | null };

/** Seeds of the baseline at the first rung: they show the noise there. */
const BASELINE_SEEDS = 3;
/** At most so many times the promoted share go on for being within noise of the last of them. */
const KEPT = 1.5;
/** Configs at the higher of two rungs when the two are first compared; then at twice as many, and so on. */
const FIRST_RANKS = 6;
/** Below this agreement, over at least so many pairs, the lower rung says too little. */
const LOW_TAU = 0.5;
const MIN_PAIRS = 10;
/** Configs of the search that are confirmed. */
const FINALISTS = 2;

export function find(problem: FindProblem): Deciding {
  const { search, space, baseline, direction, margin, rungs, budget } = problem;
  const last = rungs.length - 1;
  const seeds = seedSequence(problem.seeds, Math.max(BASELINE_SEEDS, ...rungs.map((rung) => rung.seeds)));
  const fresh = freshSeeds([...problem.seeds, ...seeds], search.confirm);
  const configs: Config[] = [];
  const runs: Run[] = [];
  const ranked = new Map<number, number>();
  const spent = { runs: 0, epochs: 0, samplesSeen: 0 };
  let sampler: Exclude<SamplerName, 'auto'> | null = null;
  let kernel: Kernel | undefined;
  let asked = 0;
  let firstRung = 0;
  let waiting = 0;
  let limit: Limit | null = null;
  let enough: Extract<Decision, { kind: 'enough' }>['why'] | null = null;
  /** The config whose runs are being asked for. */
  let open: Config | null = null;
  let finalists: Config[] | null = null;
  let isFinished = false;

  const isBaseline = (config: Config): boolean => config.number === 0 && baseline !== null;
  const seedsAt = (config: Config, rung: number): number =>
    isBaseline(config) && rung === 0 ? Math.max(BASELINE_SEEDS, rungs[0]!.seeds) : rungs[rung]!.seeds;
  /** The mean at a rung; null until all of its seeds are in. */
  function scoreAt(config: Config, rung: number): number | null {
    const values = config.values[rung];
    const count = seedsAt(config, rung);
    if (!values || values.length < count || values.slice(0, count).includes(Number.NaN)) return null;
    return mean(values.slice(0, rungs[rung]!.seeds));
  }
  /** The configs with a result at a rung, best first; of equals the earlier. */
  const standing = (rung: number): { config: Config; score: number }[] =>
    configs
      .flatMap((config) => {
        const score = scoreAt(config, rung);
        return score === null ? [] : [{ config, score }];
      })
      .sort((a, b) => (a.score === b.score ? a.config.number - b.config.number : b.score - a.score));

  /** Standard deviation of one result at a rung; null if no config has several seeds there. */
  function noiseOf(rung: number): number | null {
    const rows = configs.flatMap((config) => {
      const values = scoreAt(config, rung) === null ? [] : (config.values[rung] ?? []);
      return values.length > 1 && values.every(Number.isFinite) ? [values] : [];
    });
    const [only] = rows;
    if (rows.length === 1 && only) return standardDeviation(only);
    return rows.length > 1 ? raceLook(rows).noise : null;
  }
  /** That of the nearest rung that shows it, the lower one of two. */
  function nearestNoise(rung: number): number {
    const nearest = rungs.map((_, i) => i).sort((a, b) => Math.abs(a - rung) - Math.abs(b - rung) || a - b);
    for (const other of nearest) {
      const noise = noiseOf(other);
      if (noise !== null) return noise;
    }
    return 0;
  }
  /** Standard error of a difference of two configs at a rung. */
  const errorAt = (rung: number): number => nearestNoise(rung) * Math.sqrt(2 / rungs[rung]!.seeds);

  /** The next run that a config lacks at the rung to which it goes; null if it has them all. */
  function missing(config: Config, rung: number): Train | null {
    const epochs = epochsAt(rungs[rung]!, config.length);
    for (const seed of seeds.slice(0, seedsAt(config, rung))) {
      const run = config.runs.get(seed);
      if (run && run.epochs >= epochs) continue;
      return { kind: 'train', run: run?.number ?? runs.length, config: config.number, seed, rung, epochs };
    }
    return null;
  }

  /** What the runs of a rung cost a config, and what confirming costs. */
  function affords(length: Length, from: Config | null, rung: number): Limit | null {
    const epochs = epochsAt(rungs[rung]!, length);
    let [newRuns, more] = [0, 0];
    for (const seed of seeds.slice(0, rungs[rung]!.seeds)) {
      const run = from?.runs.get(seed);
      if (!run) newRuns++;
      more += Math.max(0, epochs - (run?.epochs ?? 0));
    }
    const confirming = search.confirm * (FINALISTS + (baseline ? 1 : 0));
    const longest = Math.max(length.epochs, ...configs.map((config) => config.length.epochs));
    const most = Math.max(length.epochs * length.images, ...configs.map((c) => c.length.epochs * c.length.images));
    if (spent.runs + newRuns + confirming > (budget.runs ?? Number.POSITIVE_INFINITY)) return 'runs';
    if (spent.epochs + more + confirming * longest > (budget.epochs ?? Number.POSITIVE_INFINITY)) return 'epochs';
    const samples = spent.samplesSeen + more * length.images + confirming * most;
    return samples > (budget.samplesSeen ?? Number.POSITIVE_INFINITY) ? 'samplesSeen' : null;
  }

  /** The best config that a rung has not sent on yet, of those that may go on: the best 1/η and those within noise of the last of them. */
  function promotable(rung: number): Config | null {
    const order = standing(rung);
    const quota = Math.floor(order.length / search.eta);
    const cut = order[quota - 1];
    if (!cut) return null;
    const kept = Math.floor(quota * KEPT);
    const error = order.length > quota ? errorAt(rung) : 0;
    const chosen = order.find(
      ({ config, score }, i) =>
        config.rung === rung && Number.isFinite(score) && (i < quota || (i < kept && cut.score - score <= error)),
    );
    return chosen?.config ?? null;
  }

  /** A config for a rung that has too few at the end, from the highest such rung down. */
  function needed(): { config: Config; rung: number } | null {
    for (let rung = last; rung > 0; rung--) {
      if (configs.filter((config) => config.rung >= rung).length >= FINALISTS) continue;
      const next = standing(rung - 1).find(({ config, score }) => config.rung === rung - 1 && Number.isFinite(score));
      if (next) return { config: next.config, rung };
    }
    return null;
  }

  /** A decision that costs what a rung does, or that the budget does not allow it. */
  function within(length: Length, from: Config | null, rung: number, decision: () => Decision | null): Decision | null {
    const why = affords(length, from, rung);
    return why ? { kind: 'enough', why } : decision();
  }
  const send = (config: Config, rung: number): Decision | null =>
    within(config.length, config, rung, () => missing(config, rung));

  function promotion(): Decision | null {
    for (let rung = last - 1; rung >= 0; rung--) {
      const config = promotable(rung);
      if (config) return send(config, rung + 1);
    }
    return null;
  }

  /** Compares the ranking of a rung with that of the next one, once enough configs have reached it. */
  function ranks(): Decision | null {
    for (let rung = 0; rung < last; rung++) {
      const both = configs.flatMap((config): [number, number][] => {
        const [below, above] = [scoreAt(config, rung), scoreAt(config, rung + 1)];
        return below !== null && above !== null && Number.isFinite(below + above) ? [[below, above]] : [];
      });
      if (both.length < Math.max(FIRST_RANKS, 2 * (ranked.get(rung) ?? 0))) continue;
      const { tau, pairs } = kendallTau(both, [errorAt(rung), errorAt(rung + 1)]);
      const isPart = rungs[rung + 1]!.samples > rungs[rung]!.samples && rung + 1 < last;
      const skipped = rung === firstRung && isPart && pairs >= MIN_PAIRS && tau < LOW_TAU;
      return { kind: 'ranks', rung, configs: both.length, tau: pairs > 0 ? tau : null, pairs, skipped };
    }
    return null;
  }

  /** What samplers know. A Gaussian process compares configs at one rung: the deepest with enough of them (Falkner, Klein and Hutter, "BOHB", ICML 2018). */
  function trials(): Trial[] {
    const enough = space.dimensions.length + 2;
    const at = rungs.findLastIndex((_, rung) => rung <= firstRung || standing(rung).length >= enough);
    return configs.flatMap((config): Trial[] => {
      const { point } = config;
      if (point === null) return [];
      if (sampler === 'gp') {
        const score = scoreAt(config, at);
        return score !== null || config.rung >= at ? [{ point, score, depth: 0, seeds: rungs[at]!.seeds }] : [];
      }
      const depth = rungs.findLastIndex((_, rung) => scoreAt(config, rung) !== null);
      const score = depth < 0 ? null : scoreAt(config, depth);
      return [{ point, score, depth: Math.max(0, depth), seeds: rungs[Math.max(0, depth)]!.seeds }];
    });
  }

  function askConfig(): Decision | null {
    if (sampler === null || asked >= search.samples) return null;
    const known = configs.map(({ hash }) => hash);
    const found = ask(space, trials(), { sampler, seed: search.seed, number: asked, known, ...(kernel && { kernel }) });
    if (!found) return { kind: 'enough', why: 'exhausted' };
    const { hash, raw, candidate } = found.point;
    return within(problem.lengthOf(candidate.axes), null, firstRung, () => ({
      ...{ kind: 'config', config: configs.length, axes: candidate.axes, hash, raw: raw.map(copy), by: found.by },
      ...(found.kernel && { kernel: { ...found.kernel, weights: [...found.kernel.weights] } }),
    }));
  }

  /** The configs of the search, the furthest and best first. */
  function best(): Config[] {
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

  const finish = (why: Finish['why'], winner: number | null, rows: Finish['rows']): Decision => {
    const exhausted = enough === 'exhausted';
    return { kind: 'finish', why, exhausted, winner, rows };
  };

  function confirm(): Decision {
    const chosen = best().slice(0, FINALISTS);
    const first = configs[0];
    if (chosen.length === 0) return finish('nothing', null, []);
    if (baseline && first && !chosen.includes(first)) chosen.push(first);
    return { kind: 'confirm', configs: chosen.map(({ number }) => number), seeds: fresh };
  }

  /** The next run that confirms, or the end. */
  function confirming(of: readonly Config[]): Decision | null {
    for (const seed of fresh)
      for (const config of of)
        if (!config.runs.has(seed))
          return { kind: 'train', run: runs.length, config: config.number, seed, rung: null, epochs: null };
    if (waiting > 0) return null;
    const results = of.map((config) => ({
      config: config.number,
      values: fresh.map((seed) => {
        const value = config.runs.get(seed)?.value ?? Number.NEGATIVE_INFINITY;
        return Number.isFinite(value) ? direction * value : null;
      }),
    }));
    const { winner, rows } = confirmed(results, {
      baseline: baseline ? 0 : null,
      direction,
      alpha: search.alpha,
      margin,
    });
    return finish(enough === null || enough === 'exhausted' ? 'confirmed' : enough, winner, rows);
  }

  function next(): Decision | null {
    if (isFinished) return null;
    if (limit) {
      const [winner] = best();
      return finish(limit, winner?.number ?? null, []);
    }
    if (finalists) return confirming(finalists);
    if (open) {
      const train = missing(open, open.rung);
      if (train) return train;
      open = null;
    }
    if (sampler === null) return { kind: 'sampler', ...chooseSampler(search.sampler, space, search.samples) };
    if (baseline && configs.length === 0) {
      const { axes, hash, raw } = baseline;
      return { kind: 'config', config: 0, axes, hash, raw: raw?.map(copy) ?? null, by: 'baseline' };
    }
    const compared = ranks();
    if (compared) return compared;
    if (waiting >= search.parallel) return null;
    const decision = enough ? (enough === 'exhausted' ? promotion() : null) : (promotion() ?? askConfig());
    if (decision || waiting > 0) return decision;
    const forced = enough === null || enough === 'exhausted' ? needed() : null;
    return forced ? send(forced.config, forced.rung) : confirm();
  }

  function take(decision: Decision): void {
    switch (decision.kind) {
      case 'sampler':
        sampler = decision.sampler;
        break;
      case 'config': {
        const { config: number, hash, raw, axes, by } = decision;
        const point = raw && { ...space.settle(raw), hash };
        const length = problem.lengthOf(axes);
        const config: Config = { number, hash, point, length, rung: firstRung, runs: new Map(), values: [] };
        configs.push(config);
        open = config;
        kernel = decision.kernel ?? kernel;
        if (by !== 'baseline') asked++;
        break;
      }
      case 'train':
        start(decision);
        break;
      case 'enough':
        enough = decision.why;
        break;
      case 'ranks':
        ranked.set(decision.rung, decision.configs);
        if (decision.skipped) firstRung = decision.rung + 1;
        break;
      case 'confirm':
        finalists = decision.configs.map((number) => configs[number]!);
        break;
      case 'finish':
        isFinished = true;
        break;
    }
  }

  function start({ run: number, config: of, seed, rung, epochs }: Train): void {
    const config = configs[of]!;
    const run = runs[number] ?? { number, config, seed, rung, epochs: 0, value: null };
    const until = epochs ?? config.length.epochs;
    if (!runs[number]) spent.runs++;
    spent.epochs += until - run.epochs;
    spent.samplesSeen += (until - run.epochs) * config.length.images;
    runs[number] = run;
    config.runs.set(seed, run);
    Object.assign(run, { rung, epochs: until });
    waiting++;
    if (rung === null) return;
    open = config;
    config.rung = rung;
    if (config.values[rung]) return;
    // Seeds that have been trained as long at the rung below keep their values.
    config.values[rung] = seeds.slice(0, seedsAt(config, rung)).map((other) => {
      const earlier = config.runs.get(other);
      return earlier && earlier !== run && earlier.epochs >= until ? (earlier.value ?? Number.NaN) : Number.NaN;
    });
  }

  return {
    next,
    add(entry) {
      if ('limit' in entry) limit ??= entry.limit;
      else if ('decision' in entry) take(entry.decision);
      else if ('result' in entry) {
        const run = runs[entry.result.run];
        if (!run)
          throw new RangeError(`the history has a result of run ${entry.result.run}, which no decision asks for`);
        waiting--;
        run.value = entry.result.value === null ? Number.NEGATIVE_INFINITY : direction * entry.result.value;
        const values = run.rung === null ? undefined : run.config.values[run.rung];
        if (values) values[seeds.indexOf(run.seed)] = run.value;
      }
    },
  };
}

const copy = (coordinate: Coordinate): number | number[] =>
  typeof coordinate === 'number' ? coordinate : [...coordinate];
