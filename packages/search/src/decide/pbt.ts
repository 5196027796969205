/**
 * Population-based training (Jaderberg et al., arXiv 1711.09846): configs train side by side; after each part of the training the worst go on from the checkpoint of
 * one of the best, with other hyperparameters. A part ends when all members have ended it, so the decisions do not depend on workers. What wins is a schedule of
 * configs, which is repeated on fresh seeds.
 */
import { canonicalHash, type Decision, type Limit, type PbtSearch } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import type { Coordinate } from '../domain.ts';
import { ask } from '../sample/ask.ts';
import type { Point, Raw, SampleSpace } from '../sample/sample-space.ts';
import { confirmed } from './confirm.ts';
import { explored } from './explore.ts';
import type { Deciding } from './log.ts';
import type { RunBudget } from './rungs.ts';
import { freshSeeds } from './seeds.ts';

export type PbtProblem = {
  search: Omit<PbtSearch, 'method' | 'parts'>;
  space: SampleSpace;
  /** A config that is trained on the fresh seeds, and is no member. */
  baseline: { axes: Record<string, unknown>; hash: string } | null;
  /** Members train on the first. */
  seeds: readonly number[];
  /** 1 if larger values are better, -1 if smaller ones are. */
  direction: 1 | -1;
  margin: number | null;
  /** Epochs at which the parts end; the last is the whole training. */
  ends: readonly number[];
  /** Training images of an epoch. */
  images: number;
  /** The part of a config that cannot change while it trains. */
  fixedOf(axes: Readonly<Record<string, unknown>>): string;
  budget: RunBudget;
};

type Train = Extract<Decision, { kind: 'train' }>;
type Finish = Extract<Decision, { kind: 'finish' }>;

/** `raw`: null for the baseline. `fork`: the config before, and the epochs that are trained with it. `runs`: by seed. */
type Config = {
  number: number;
  hash: string;
  raw: Raw | null;
  fork: { config: Config; epochs: number } | null;
  runs: Map<number, Run>;
};
/** `value`: the latest; larger is better, -Infinity for a failure, null while it trains. */
type Run = { number: number; member: Member | null; part: number | null; epochs: number; value: number | null };
/** `next`: with which it goes on. `part`: the one to which it was sent. `scores`: by part. */
type Member = { config: Config; next: Config | null; part: number; scores: number[]; gone: boolean };

/** Changed hyperparameters that are tried before a member keeps its own. */
const TRIES = 100;

/** A config and those before it, with the epochs after which each takes over. */
function scheduleOf(config: Config): { config: Config; epochs: number }[] {
  const { fork } = config;
  return fork ? [...scheduleOf(fork.config), { config, epochs: fork.epochs }] : [{ config, epochs: 0 }];
}

export function pbt(problem: PbtProblem): Deciding {
  const { search, space, baseline, direction, margin, ends, images, budget } = problem;
  const seed = problem.seeds[0]!;
  const fresh = freshSeeds(problem.seeds, search.confirm);
  const last = ends.length - 1;
  const whole = ends[last]!;
  const configs: Config[] = [];
  const hashes = new Set<string>();
  const points = new Map<Config, Point | null>();
  const fixed = new Map<Config, string>();
  const runs: Run[] = [];
  const members: Member[] = [];
  const spent = { runs: 0, epochs: 0 };
  let waiting = 0;
  let isSampled = false;
  /** Known once no config was found; it follows from the members. */
  let isExhausted = false;
  let limit: Limit | null = null;
  let enough: Limit | null = null;
  let finalists: Config[] | null = null;
  let isFinished = false;

  /** The part to which members are being sent. */
  const current = (): number => Math.max(0, ...members.map(({ part }) => part));

  /** The members that ended a part, best first; of equals the earlier. */
  const standing = (part: number): Member[] =>
    members.filter(({ scores }) => scores[part] !== undefined).sort((a, b) => b.scores[part]! - a.scores[part]!);
  const isFine = (member: Member, part: number): boolean => Number.isFinite(member.scores[part]);

  /** The best members of a part, and those that go on from one of them. */
  function split(part: number): { best: Member[]; worst: Member[] } {
    const order = standing(part);
    const count = Math.min(Math.ceil(search.quantile * order.length - 1e-9), Math.floor(order.length / 2));
    return {
      best: order.slice(0, count).filter((member) => isFine(member, part)),
      worst: order.filter((member, i) => i >= order.length - count || !isFine(member, part)),
    };
  }

  /** The member that is sent on next, and to which part. */
  function turn(): { member: Member; part: number } | null {
    const part = current();
    const alive = members.filter(({ gone }) => !gone);
    const behind = alive.find((member) => member.part < part || member.part < 0);
    if (behind) return { member: behind, part };
    return alive[0] ? { member: alive[0], part: part + 1 } : null;
  }

  /** The budget that more runs and epochs exceed. */
  function exceeded(more: { runs: number; epochs: number }): Limit | null {
    const epochs = spent.epochs + more.epochs;
    if (spent.runs + more.runs > (budget.runs ?? Number.POSITIVE_INFINITY)) return 'runs';
    if (epochs > (budget.epochs ?? Number.POSITIVE_INFINITY)) return 'epochs';
    return epochs * images > (budget.samplesSeen ?? Number.POSITIVE_INFINITY) ? 'samplesSeen' : null;
  }

  /** The next member; null if the population is complete, or the space has no other config. */
  function joining(): Decision | null {
    const { sampler } = search;
    const number = members.length;
    if (isExhausted || number >= search.population) return null;
    const found = ask(space, [], { sampler, seed: search.seed, number, known: hashes });
    if (!found) {
      isExhausted = true;
      return null;
    }
    const { hash, raw, candidate } = found.point;
    return { kind: 'config', config: configs.length, axes: candidate.axes, hash, raw: raw.map(copy), by: found.by };
  }

  /** The point of a member, whose hash is that of the config alone. Only those from which others go on need it. */
  function pointOf(config: Config): Point | null {
    const point = points.get(config) ?? (config.raw && space.complete(space.settle(config.raw)));
    points.set(config, point);
    return point;
  }

  /** The fixed part of a member, which it shares with the config with which its training began. */
  function fixedOf(config: Config): string {
    if (config.fork) return fixedOf(config.fork.config);
    const known = fixed.get(config) ?? problem.fixedOf(pointOf(config)?.candidate.axes ?? {});
    fixed.set(config, known);
    return known;
  }

  /** A config that goes on from one of the best of a part, with hyperparameters that were not tried from there. */
  function exploring(part: number): Decision | null {
    const { best } = split(part);
    for (let tries = 0; tries < TRIES && best.length > 0; tries++) {
      const random = countedRandom(randomKey(search.seed, 'pbt'), [configs.length, tries]);
      const { config: from } = best[Math.floor(random.uniform() * best.length)]!;
      const before = pointOf(from);
      const point =
        before && space.complete(space.settle(explored(space, before, { random, resample: search.resample })));
      if (!point || point.hash === before.hash) continue;
      const { axes } = point.candidate;
      if (problem.fixedOf(axes) !== fixedOf(from)) continue;
      const epochs = ends[part]!;
      const hash = canonicalHash({ config: point.hash, after: { config: from.hash, epochs } });
      if (hashes.has(hash)) continue;
      const fork = { config: from.number, epochs };
      return { kind: 'config', config: configs.length, axes, hash, raw: point.raw.map(copy), by: 'pbt', fork };
    }
    return null;
  }

  /** The next run of a config on a seed, which goes on, or starts from that of the config before. */
  function trained(config: Config, on: number, at: Pick<Train, 'rung' | 'epochs'>): Train {
    const { number, fork } = config;
    const known = config.runs.get(on);
    const from = fork?.config.runs.get(on);
    const started = known || !fork || !from ? {} : { fork: { run: from.number, epochs: fork.epochs } };
    return { kind: 'train', run: known?.number ?? runs.length, config: number, seed: on, ...at, ...started };
  }

  function send({ member, part }: { member: Member; part: number }): Decision {
    const isWorst = part > 0 && member.next === null && split(part - 1).worst.includes(member);
    const explored = isWorst ? exploring(part - 1) : null;
    if (explored) return explored;
    if (isWorst && !isFine(member, part - 1)) {
      const none = { against: null, difference: null, evidence: null, needed: null };
      return { kind: 'stop', config: member.config.number, why: 'failed', seeds: 1, ...none };
    }
    return trained(member.next ?? member.config, seed, { rung: part, epochs: part === last ? null : ends[part]! });
  }

  /** The best member of the furthest part that any has ended. */
  function winner(): Config | null {
    for (let part = last; part >= 0; part--) {
      const [best] = standing(part).filter((member) => isFine(member, part));
      if (best) return best.config;
    }
    return null;
  }

  function finish(why: Finish['why'], of: Config | null, rows: Finish['rows']): Decision {
    const schedule = of ? scheduleOf(of).map(({ config, epochs }) => ({ config: config.number, epochs })) : [];
    const exhausted = members.length < search.population && joining() === null;
    return {
      ...{ kind: 'finish', why, exhausted, winner: of?.number ?? null, rows },
      ...(schedule.length > 1 && { schedule }),
    };
  }

  function confirm(): Decision {
    const best = winner();
    if (best === null) return finish('nothing', null, []);
    const chosen = baseline ? [best, configs[0]!] : [best];
    const length = scheduleOf(best).length + chosen.length - 1;
    const why = exceeded({ runs: fresh.length * length, epochs: fresh.length * whole * chosen.length });
    return why
      ? { kind: 'enough', why }
      : { kind: 'confirm', configs: chosen.map(({ number }) => number), seeds: fresh };
  }

  /** The next run that repeats a schedule on a fresh seed; or the value at its end, null if there is none (yet). */
  function repeated(of: Config, on: number): { train: Train } | { value: number | null } {
    const steps = scheduleOf(of);
    for (const [i, { config }] of steps.entries()) {
      const run = config.runs.get(on);
      if (!run) return { train: trained(config, on, { rung: null, epochs: steps[i + 1]?.epochs ?? null }) };
      if (run.value === null || !Number.isFinite(run.value)) return { value: null };
      if (config === of) return { value: direction * run.value };
    }
    return { value: null };
  }

  function confirming(of: readonly Config[]): Decision | null {
    const results = of.map(({ number }): { config: number; values: (number | null)[]; earlier: [] } => ({
      ...{ config: number, values: [], earlier: [] },
    }));
    for (const on of fresh)
      for (const [i, config] of of.entries()) {
        const found = repeated(config, on);
        if ('train' in found) return found.train;
        results[i]!.values.push(found.value);
      }
    if (waiting > 0) return null;
    const report = confirmed(results, { baseline: baseline ? 0 : null, direction, alpha: search.alpha, margin });
    return finish('confirmed', report.winner === null ? null : configs[report.winner]!, report.rows);
  }

  /** What follows when all members have ended a part. */
  function ended(): Decision | null {
    const part = current();
    if (part === last) return confirm();
    const { worst } = split(part);
    if (!standing(part).some((member) => isFine(member, part))) return finish('nothing', null, []);
    const alive = members.filter(({ gone }) => !gone).length;
    const why = exceeded({ runs: worst.length, epochs: alive * (ends[part + 1]! - ends[part]!) });
    const next = turn();
    return why ? { kind: 'enough', why } : next && send(next);
  }

  function next(): Decision | null {
    if (isFinished) return null;
    if (limit) return finish(limit, winner(), []);
    if (finalists) return confirming(finalists);
    if (enough) return waiting > 0 ? null : finish(enough, winner(), []);
    if (!isSampled) return { kind: 'sampler', sampler: search.sampler, why: 'the spec names it' };
    if (baseline && configs.length === 0)
      return { kind: 'config', config: 0, axes: baseline.axes, hash: baseline.hash, raw: null, by: 'baseline' };
    const behind = turn();
    if (behind && (behind.member.part < 0 || behind.part === current())) return send(behind);
    if (members.length === 0) {
      const why = exceeded({ runs: search.population, epochs: search.population * ends[0]! });
      if (why) return { kind: 'enough', why };
    }
    const joined = current() === 0 ? joining() : null;
    return joined ?? (waiting > 0 ? null : ended());
  }

  function start({ run: number, config: of, seed: on, rung, epochs, fork }: Train): void {
    const config = configs[of]!;
    const member = rung === null ? null : (members.find((one) => (one.next ?? one.config) === config) ?? null);
    const run = runs[number] ?? { number, member, part: rung, epochs: fork?.epochs ?? 0, value: null };
    if (!runs[number]) spent.runs++;
    const until = epochs ?? whole;
    spent.epochs += until - run.epochs;
    runs[number] = run;
    config.runs.set(on, run);
    Object.assign(run, { part: rung, epochs: until, value: null });
    if (member && rung !== null) Object.assign(member, { config, next: null, part: rung });
    waiting++;
  }

  function take(decision: Decision): void {
    switch (decision.kind) {
      case 'sampler':
        isSampled = true;
        break;
      case 'config': {
        const { hash, raw, fork, by } = decision;
        const before = fork ? { config: configs[fork.config]!, epochs: fork.epochs } : null;
        const config: Config = { number: configs.length, hash, raw, fork: before, runs: new Map() };
        const place = before && turn();
        configs.push(config);
        hashes.add(hash);
        if (place) place.member.next = config;
        else if (by !== 'baseline') members.push({ config, next: null, part: -1, scores: [], gone: false });
        break;
      }
      case 'train':
        start(decision);
        break;
      case 'stop': {
        const member = members.find(({ config, gone }) => !gone && config.number === decision.config);
        if (member) member.gone = true;
        break;
      }
      case 'enough':
        if (decision.why !== 'exhausted') enough = decision.why;
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
      else if ('result' in entry) {
        const { run: number, value } = entry.result;
        const run = runs[number];
        if (!run) throw new RangeError(`the history has a result of run ${number}, which no decision asks for`);
        waiting--;
        run.value = value === null ? Number.NEGATIVE_INFINITY : direction * value;
        if (run.member && run.part !== null) run.member.scores[run.part] = run.value;
      }
    },
  };
}

const copy = (coordinate: Coordinate): number | number[] =>
  typeof coordinate === 'number' ? coordinate : [...coordinate];
