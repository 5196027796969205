/**
 * `compare`: every config of a grid, one seed after the other, so that a sweep that is cut short has trained all equally often. After each round, a config
 * that is clearly behind the best gets no more seeds. Decisions are made when a round is complete: they do not depend on the order in which its runs end.
 */
import { type CompareSearch, canonicalJson, type Decision, type Limit } from '@ablate/contracts';
import { type Pool, type RaceLook, raceLook } from '@ablate/statistics';
import type { Deciding } from './log.ts';
import type { Length, RunBudget } from './rungs.ts';
import { seedSequence } from './seeds.ts';

export type CompareProblem = {
  search: Pick<CompareSearch, 'maxSeeds' | 'alpha'>;
  /** Number of configs. */
  configs: number;
  baseline: number | null;
  /** Seeds of the spec; more follow, up to `maxSeeds`, for configs that these do not tell apart. */
  seeds: readonly number[];
  /** 1 if larger values are better, -1 if smaller ones are. */
  direction: 1 | -1;
  /** Differences within ± margin count as the same; null: none does. */
  margin: number | null;
  budget?: RunBudget;
  /** How long a config trains; needed for a budget of epochs or samples. */
  lengthOf?(config: number): Pick<Length, 'epochs' | 'images'>;
};

type Finish = Extract<Decision, { kind: 'finish' }>;
type Row = Finish['rows'][number];
type Stop = Extract<Decision, { kind: 'stop' }>;

/** Configs from which the first look is after two seeds; fewer leave too few degrees of freedom. */
const MANY = 6;

export function compare(problem: CompareProblem): Deciding {
  const { search, configs, baseline, direction, margin } = problem;
  const planned = problem.seeds.length;
  const seeds = seedSequence(problem.seeds, Math.max(planned, search.maxSeeds));
  const firstLook = Math.min(configs >= MANY ? 2 : 3, seeds.length);
  const order = Array.from({ length: configs }, (_, i) => i).sort(
    (a, b) => Number(b === baseline) - Number(a === baseline) || a - b,
  );
  /** Values by config in the order of the seeds, larger is better; null for a run without one. */
  const values = order.map((): (number | null)[] => []);
  const rows = new Map<number, Row>();
  const runs: { config: number; round: number }[] = [];
  const queue: Decision[] = [];
  /** Configs that get the next seed, the baseline first. */
  let alive = order;
  let pool: Pool | null = null;
  let emitted = 0;
  let looked = 0;
  let waiting = 0;
  let limit: Limit | null = null;
  /** The budget that allows no further round: the rounds so far are judged, and the search ends. */
  let spentUp: Limit | null = null;
  let isFinished = false;
  const spent = { runs: 0, epochs: 0, samplesSeen: 0 };

  /** The budget that another round would exceed. */
  function exceeded(): Limit | null {
    const { budget = {}, lengthOf } = problem;
    const lengths = lengthOf ? alive.map(lengthOf) : [];
    const round = {
      runs: alive.length,
      epochs: lengths.reduce((sum, { epochs }) => sum + epochs, 0),
      samplesSeen: lengths.reduce((sum, { epochs, images }) => sum + epochs * images, 0),
    };
    const names = ['runs', 'epochs', 'samplesSeen'] as const;
    const over = names.find((name) => spent[name] + round[name] > (budget[name] ?? Number.POSITIVE_INFINITY));
    if (!over) for (const name of names) spent[name] += round[name];
    return over ?? null;
  }

  /** The e-value that decides between one and so many rivals. */
  const needed = (rivals: number): number => Math.max(1, rivals) / search.alpha;

  function emitRound(): void {
    spentUp ??= exceeded();
    if (spentUp) return;
    for (const config of alive) {
      queue.push({ kind: 'train', run: runs.length, config, seed: seeds[emitted]!, rung: 0, epochs: null });
      runs.push({ config, round: emitted });
      waiting++;
    }
    emitted++;
  }

  /** Compares every config of a look with the baseline. A verdict that was reached stays. */
  function judge(look: RaceLook, racing: readonly number[]): void {
    const at = baseline === null ? -1 : racing.indexOf(baseline);
    const threshold = needed(configs - 1);
    racing.forEach((config, i) => {
      const row: Row = {
        ...{ config, seeds: looked, mean: direction * look.means[i]! },
        ...{ verdict: config === baseline ? 'baseline' : 'undecided', difference: null, half: null },
      };
      if (at >= 0 && config !== baseline) {
        const { mean, e, half } = look.contrast(i, at, threshold);
        row.difference = direction * mean;
        row.half = Number.isFinite(half) ? half : null;
        if (e >= threshold) row.verdict = mean > 0 ? 'better' : 'worse';
        else if (margin !== null && Math.abs(mean) + half <= margin) row.verdict = 'same';
      }
      const earlier = rows.get(config)?.verdict ?? 'undecided';
      rows.set(config, earlier === 'undecided' ? row : { ...row, verdict: earlier });
    });
  }

  /** Stops the configs that failed in the rounds so far. */
  function dropFailed(): void {
    for (const config of alive) {
      if (!values[config]!.slice(0, looked).includes(null)) continue;
      const unknown = { mean: null, difference: null, half: null };
      rows.set(config, { config, seeds: looked, verdict: 'failed', ...unknown });
      queue.push({
        ...{ kind: 'stop', config, why: 'failed', seeds: looked },
        ...{ against: null, difference: null, evidence: null, needed: null },
      });
    }
    alive = alive.filter((config) => rows.get(config)?.verdict !== 'failed');
  }

  /** Stops the configs that are clearly behind the best or, once every planned seed is in, the same. */
  function dropBeaten(): void {
    const racing = alive.map((config) => values[config]!.slice(0, looked).map((value) => value ?? Number.NaN));
    const look = raceLook(racing, pool);
    pool = look.pool;
    judge(look, alive);
    const threshold = needed(alive.length - 1);
    const leader = alive[look.leader]!;
    const beaten = alive.flatMap((config, i): Stop[] => {
      if (config === leader || config === baseline) return [];
      const { mean, e, half } = look.contrast(i, look.leader, threshold);
      const isSame = margin !== null && Math.abs(mean) + half <= margin;
      const isJudged = baseline === null || rows.get(config)?.verdict !== 'undecided';
      const why = e >= threshold ? 'behind' : looked >= planned && isSame && isJudged ? 'same' : null;
      if (why === null) return [];
      const facts = { against: leader, difference: direction * mean, evidence: e, needed: threshold };
      return [{ kind: 'stop', config, why, seeds: looked, ...facts }];
    });
    queue.push(...beaten);
    const stopped = new Set(beaten.map(({ config }) => config));
    alive = alive.filter((config) => !stopped.has(config));
  }

  function finish(why: Finish['why']): void {
    isFinished = true;
    const mean = (config: number): number => direction * (rows.get(config)?.mean ?? Number.NaN);
    const ranked = alive.filter((config) => rows.has(config)).sort((a, b) => mean(b) - mean(a) || a - b);
    const reported = order.flatMap((config) => rows.get(config) ?? []);
    queue.push({ kind: 'finish', why, exhausted: true, winner: ranked[0] ?? null, rows: reported });
  }

  /** What follows from the complete rounds. */
  function advance(): void {
    if (limit) finish(limit);
    else if (emitted < firstLook && !spentUp) emitRound();
    else if (waiting === 0) {
      if (looked < emitted) {
        looked = emitted;
        dropFailed();
        if (alive.length > 0 && looked > 1) dropBeaten();
      }
      const rivals = alive.filter((config) => config !== baseline);
      const isDecided = rivals.every((config) => rows.get(config)?.verdict !== 'undecided') || alive.length < 2;
      if (spentUp) finish(spentUp);
      else if (rivals.length < 2 && isDecided) finish('decided');
      else if (emitted === seeds.length) finish('seeds');
      else emitRound();
    }
  }

  const next = (): Decision | null => {
    if (queue.length === 0 && !isFinished) advance();
    // A round that the budget does not allow leaves the queue empty.
    if (queue.length === 0 && spentUp && !isFinished) advance();
    return queue[0] ?? null;
  };

  return {
    next,
    add(entry) {
      if ('limit' in entry) {
        limit ??= entry.limit;
        queue.length = 0;
      } else if ('result' in entry) {
        const run = runs[entry.result.run];
        if (!run)
          throw new RangeError(`the history has a result of run ${entry.result.run}, which no decision asks for`);
        values[run.config]![run.round] = entry.result.value === null ? null : direction * entry.result.value;
        waiting--;
      } else if ('decision' in entry) {
        if (canonicalJson(next()) !== canonicalJson(entry.decision))
          throw new RangeError(
            `the history has a decision that does not follow from it: ${canonicalJson(entry.decision)}`,
          );
        queue.shift();
      }
    },
  };
}
