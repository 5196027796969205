/** The configs and runs of a search, and how configs stand at each rung. */
import type { Decision } from '@ablate/contracts';
import { mean, paretoFront, paretoRanks, raceLook, standardDeviation } from '@ablate/statistics';
import type { Point } from '../sample/sample-space.ts';
import { epochsAt, type Length, type Rung } from './rungs.ts';

type Train = Extract<Decision, { kind: 'train' }>;

/**
 * `rung`: the one that it was sent to. `values`: by rung, then by seed; larger is better, -Infinity for a failure. `scores`: by rung, once every seed is in.
 * `cost`: known before it is trained, such as its multiply-accumulates; 0 where only scores count.
 */
export type Contender = {
  number: number;
  hash: string;
  point: Point | null;
  length: Length;
  cost: number;
  rung: number;
  runs: Map<number, ContenderRun>;
  values: number[][];
  scores: number[];
};

/** `epochs`: where it stops. `value`: its latest. */
type ContenderRun = {
  number: number;
  config: Contender;
  seed: number;
  rung: number | null;
  epochs: number;
  value: number | null;
};

type Standing = { config: Contender; score: number };

/** Best first; of equals the earlier. */
const byScore = (a: Standing, b: Standing): number =>
  a.score === b.score ? a.config.number - b.config.number : b.score - a.score;

/** How far the neighbours of each on its front are apart, in cost and in score; the ends of the front are infinitely far (Deb et al., "NSGA-II", 2002). */
function crowding(front: readonly Standing[]): Map<Contender, number> {
  const sorted = [...front].sort((a, b) => a.config.cost - b.config.cost || byScore(a, b));
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  const width = last.config.cost - first.config.cost || 1;
  const height = Math.abs(last.score - first.score) || 1;
  return new Map(
    sorted.map(({ config }, i) => {
      const [before, after] = [sorted[i - 1], sorted[i + 1]];
      if (!before || !after) return [config, Number.POSITIVE_INFINITY];
      return [config, (after.config.cost - before.config.cost) / width + Math.abs(after.score - before.score) / height];
    }),
  );
}

/** By Pareto front of score against cost; on a front the most apart first, of these the best score. Failures are the last. */
function byFront(standing: readonly Standing[]): Standing[] {
  const finite = standing.filter(({ score }) => Number.isFinite(score));
  const ranks = paretoRanks(finite.map(({ config, score }) => ({ cost: config.cost, value: score })));
  const fronts: Standing[][] = [];
  finite.forEach((one, i) => {
    fronts[ranks[i]!] = [...(fronts[ranks[i]!] ?? []), one];
  });
  const ordered = fronts.flatMap((front) => {
    const apart = crowding(front);
    return front.sort((a, b) => {
      const [first = 0, second = 0] = [apart.get(a.config), apart.get(b.config)];
      return first === second ? byScore(a, b) : second - first;
    });
  });
  return [...ordered, ...standing.filter(({ score }) => !Number.isFinite(score))];
}

export type Records = ReturnType<typeof openRecords>;

/** @param byCost whether configs are ranked by the Pareto front of score against cost */
export function openRecords({
  rungs,
  seeds,
  direction,
  firstSeeds,
  byCost,
}: {
  rungs: readonly Rung[];
  seeds: readonly number[];
  direction: 1 | -1;
  /** Seeds of config 0 at the first rung. */
  firstSeeds: number;
  byCost: boolean;
}) {
  const configs: Contender[] = [];
  const hashes = new Set<string>();
  const runs: ContenderRun[] = [];
  const spent = { runs: 0, epochs: 0, samplesSeen: 0 };
  /** The largest of any config. */
  const longest = { epochs: 0, samplesSeen: 0 };
  const boards = rungs.map((): Standing[] => []);
  /** Configs with a result at a rung and at the one below. */
  const onBoth = rungs.map((): Contender[] => []);
  /** Configs that wait at a rung for what is decided of them. */
  const resting = new Set<Contender>();
  const noises = new Map<number, { configs: number; noise: number | null }>();
  const orders = new Map<number, Standing[]>();
  let waiting = 0;

  const seedsAt = (config: Contender, rung: number): number =>
    config.number === 0 && rung === 0 ? Math.max(firstSeeds, rungs[0]!.seeds) : rungs[rung]!.seeds;

  /** The mean at a rung; null until all of its seeds are in. */
  const scoreAt = (config: Contender, rung: number): number | null => config.scores[rung] ?? null;

  /** Best first. */
  const rank = (standing: readonly Standing[]): Standing[] =>
    byCost ? byFront(standing) : [...standing].sort(byScore);

  /** The configs with a result at a rung, best first; of equals the earlier. */
  function standing(rung: number): readonly Standing[] {
    const board = boards[rung]!;
    if (!byCost) return board;
    const known = orders.get(rung);
    if (known?.length === board.length) return known;
    const order = rank(board);
    orders.set(rung, order);
    return order;
  }

  /** Standard deviation of one result at a rung; null if no config has several seeds there. */
  function noiseOf(rung: number): number | null {
    const known = noises.get(rung);
    const board = boards[rung]!;
    if (known?.configs === board.length) return known.noise;
    const rows = board
      .filter(({ config }) => seedsAt(config, rung) > 1)
      .sort((a, b) => a.config.number - b.config.number)
      .flatMap(({ config }) => {
        const values = config.values[rung] ?? [];
        return values.every(Number.isFinite) ? [values] : [];
      });
    const [only] = rows;
    const noise = rows.length === 1 && only ? standardDeviation(only) : rows.length > 1 ? raceLook(rows).noise : null;
    noises.set(rung, { configs: board.length, noise });
    return noise;
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

  /** Takes the score of a rung, once every seed is in. */
  function place(config: Contender, rung: number): void {
    const values = config.values[rung];
    const count = seedsAt(config, rung);
    if (!values || config.scores[rung] !== undefined) return;
    if (values.length < count || values.slice(0, count).includes(Number.NaN)) return;
    const score = mean(values.slice(0, rungs[rung]!.seeds));
    config.scores[rung] = score;
    const board = boards[rung]!;
    let [low, high] = [0, board.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byScore(board[middle]!, { config, score }) < 0) low = middle + 1;
      else high = middle;
    }
    board.splice(low, 0, { config, score });
    const below = rung > 0 ? scoreAt(config, rung - 1) : null;
    if (below !== null && Number.isFinite(below + score)) onBoth[rung]!.push(config);
    if (rung < rungs.length - 1 && Number.isFinite(score)) resting.add(config);
  }

  return {
    configs,
    /** Those of the configs. */
    hashes,
    spent,
    longest,
    resting,
    direction,
    /** Runs without a result. */
    waiting: () => waiting,
    scoreAt,
    rank,
    standing,
    /** The Pareto front of a rung, the most apart first. */
    front(rung: number): Contender[] {
      const order = standing(rung).filter(({ score }) => Number.isFinite(score));
      return paretoFront(order.map(({ config, score }) => ({ cost: config.cost, value: score })))
        .sort((a, b) => a - b)
        .map((i) => order[i]!.config);
    },
    /** Configs with a finite result at a rung and at the next one. */
    onBothRungs: (rung: number): readonly Contender[] => onBoth[rung + 1] ?? [],
    /** Standard error of a difference of two configs at a rung. */
    errorAt: (rung: number): number => nearestNoise(rung) * Math.sqrt(2 / rungs[rung]!.seeds),

    /** The next run that a config lacks at the rung to which it goes; null if it has them all. */
    missing(config: Contender, rung: number): Train | null {
      const epochs = epochsAt(rungs[rung]!, config.length);
      for (const seed of seeds.slice(0, seedsAt(config, rung))) {
        const run = config.runs.get(seed);
        if (run && run.epochs >= epochs) continue;
        return { kind: 'train', run: run?.number ?? runs.length, config: config.number, seed, rung, epochs };
      }
      return null;
    },

    /** A run that confirms. */
    confirming: (config: Contender, seed: number): Train => ({
      ...{ kind: 'train', run: runs.length, config: config.number, seed, rung: null, epochs: null },
    }),

    /** A config joins at a rung. */
    join(config: Pick<Contender, 'hash' | 'point' | 'length' | 'cost' | 'rung'>): Contender {
      const joined: Contender = { number: configs.length, ...config, runs: new Map(), values: [], scores: [] };
      configs.push(joined);
      hashes.add(config.hash);
      const { epochs, images } = config.length;
      longest.epochs = Math.max(longest.epochs, epochs);
      longest.samplesSeen = Math.max(longest.samplesSeen, epochs * images);
      return joined;
    },

    /** A run starts, or goes on; returns its config. */
    start({ run: number, config: of, seed, rung, epochs }: Train): Contender {
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
      if (rung === null) return config;
      config.rung = rung;
      resting.delete(config);
      // Seeds that have been trained as long at the rung below keep their values.
      config.values[rung] ??= seeds.slice(0, seedsAt(config, rung)).map((other) => {
        const earlier = config.runs.get(other);
        return earlier && earlier !== run && earlier.epochs >= until ? (earlier.value ?? Number.NaN) : Number.NaN;
      });
      return config;
    },

    /** The result of a run as far as it is trained; null for a failure. */
    result(number: number, value: number | null): void {
      const run = runs[number];
      if (!run) throw new RangeError(`the history has a result of run ${number}, which no decision asks for`);
      waiting--;
      run.value = value === null ? Number.NEGATIVE_INFINITY : direction * value;
      const { config, rung } = run;
      if (rung === null) return;
      const values = config.values[rung];
      if (values) values[seeds.indexOf(run.seed)] = run.value;
      place(config, rung);
    },
  };
}
