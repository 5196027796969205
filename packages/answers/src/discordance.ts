/** On which images two models disagree. */
import type { ConfigComparison } from '@ablate/contracts';
import { mcnemar, mean } from '@ablate/statistics';
import type { Disagreements } from './input.ts';

/** Which images a run classifies correctly: 1 or 0 for each image of the set `images`. */
type CorrectImages = { images: string; correct: Uint8Array };

/** By config and seed. */
export type CorrectRuns = ReadonlyMap<string, ReadonlyMap<number, CorrectImages>>;

/** Images that only one of the two classifies correctly; null for different images. */
function discordance(a: CorrectImages, b: CorrectImages): { onlyA: number; onlyB: number } | null {
  if (a.images !== b.images || a.correct.length !== b.correct.length) return null;
  let [onlyA, onlyB] = [0, 0];
  for (let i = 0; i < a.correct.length; i++) {
    const difference = (a.correct[i] ?? 0) - (b.correct[i] ?? 0);
    if (difference > 0) onlyA++;
    else if (difference < 0) onlyB++;
  }
  return { onlyA, onlyB };
}

/** Exact McNemar tests of configs against the baseline, one for each seed of which both have predictions of the same images. */
export function mcnemarTests(
  runs: CorrectRuns,
  baseline: string,
  configs: readonly string[],
): ConfigComparison['mcnemar'] {
  const base = runs.get(baseline);
  return configs.flatMap((configId) =>
    [...(runs.get(configId) ?? [])].flatMap(([seed, run]) => {
      const other = base?.get(seed);
      const found = other && configId !== baseline ? discordance(run, other) : null;
      if (!found) return [];
      const { onlyA: onlyThis, onlyB: onlyBaseline } = found;
      return [
        { configId, seed, images: run.correct.length, onlyThis, onlyBaseline, p: mcnemar(onlyThis, onlyBaseline) },
      ];
    }),
  );
}

/** How many images each config and the baseline disagree on, on average over the seeds of both. */
export function disagreementsOf(runs: CorrectRuns, baseline: string): Disagreements {
  const tests = mcnemarTests(runs, baseline, [...runs.keys()]);
  const byConfig = new Map<string, typeof tests>();
  for (const test of tests) byConfig.set(test.configId, [...(byConfig.get(test.configId) ?? []), test]);
  return new Map(
    [...byConfig].map(([config, of]) => [
      config,
      {
        discordant: mean(of.map(({ onlyThis, onlyBaseline }) => onlyThis + onlyBaseline)),
        images: of[0]?.images ?? 0,
      },
    ]),
  );
}
