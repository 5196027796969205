/** Races of configs over seeds: how often one that is tied with the best is dropped, and what races cost. */
import { type CountedRandom, countedRandom, randomKey } from '@ablate/random';
import { type Problem, simulate } from '@ablate/search';

const CONFIGS = 12;
const SEEDS = 10;

/** Means and spreads of the configs of one race, in the spread of the first. */
type Setting = { means: readonly number[]; spread: (random: CountedRandom, config: number) => number };

const tied = Array<number>(CONFIGS).fill(0);
const three = Array.from({ length: CONFIGS }, (_, i) => (i < 3 ? 0 : (-4 * (i - 2)) / 9));
const equal: Setting['spread'] = () => 1;
/** 0.3 to 1.5, evenly on a log scale. */
const uneven: Setting['spread'] = (random) => 0.3 * 5 ** random.uniform();

export const SETTINGS = {
  tiedEqual: { means: tied, spread: equal },
  tiedUneven: { means: tied, spread: uneven },
  tiedNoisyOne: { means: tied, spread: (_, config) => (config === 1 ? 3 : 1) },
  threeEqual: { means: three, spread: equal },
  threeUneven: { means: three, spread: uneven },
} as const satisfies Record<string, Setting>;

const PROBLEM: Problem = {
  identity: 'race',
  compare: {
    search: { maxSeeds: SEEDS, alpha: 0.05 },
    ...{ configs: CONFIGS, baseline: 0, seeds: Array.from({ length: SEEDS }, (_, i) => i + 1) },
    ...{ direction: 1, margin: null },
  },
};

/**
 * Shares of races in which a config that is tied with the best is dropped, or called better or worse than a baseline to which it is tied; and the
 * share of all runs that were trained.
 */
export function races(name: keyof typeof SETTINGS, count: number): { wrong: number; cost: number } {
  const { means, spread } = SETTINGS[name];
  const best = Math.max(...means);
  const key = randomKey(1, `race ${name}`);
  let [wrong, runs] = [0, 0];
  for (let race = 0; race < count; race++) {
    const random = countedRandom(key, [race, 0]);
    const spreads = means.map((_, config) => spread(random, config));
    const { log } = simulate(PROBLEM, {
      ...{ count: Number.POSITIVE_INFINITY, commit: 'completed', secondsOf: () => 1 },
      resultOf: ({ config, seed }) =>
        means[config]! + spreads[config]! * countedRandom(key, [race, 1 + config * SEEDS + seed]).normal(),
    });
    let isWrong = false;
    for (const { decision } of log) {
      if (decision.kind === 'train') runs++;
      if (decision.kind === 'stop' && means[decision.config] === best) isWrong = true;
      if (decision.kind === 'finish')
        for (const { config, verdict } of decision.rows)
          if ((verdict === 'better' || verdict === 'worse') && means[config] === means[0]) isWrong = true;
    }
    if (isWrong) wrong++;
  }
  return { wrong: wrong / count, cost: runs / (count * CONFIGS * SEEDS) };
}
