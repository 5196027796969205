/**
 * The median stopping rule (Golovin et al., "Google Vizier", KDD 2017): at a rung, a config stops if its best value so far is below the median of the others' running
 * averages up to there. The others are all that have reached the rung.
 */
import { mean, median as middle } from '@ablate/statistics';
import type { OpenPromotion } from './promotion.ts';
import type { Contender } from './records.ts';
import { epochsAt } from './rungs.ts';

/** Others at a rung before it stops any config. */
const LEAST_OTHERS = 3;

/** @param grace epochs before a config can stop */
export const median = (grace: number): OpenPromotion => ({
  baselineSeeds: 1,
  open({ records, rungs }) {
    const averages = new Map<Contender, number[]>();

    const average = (config: Contender, rung: number): number => {
      const known = averages.get(config) ?? [];
      averages.set(config, known);
      known[rung] ??= mean(config.scores.slice(0, rung + 1));
      return known[rung];
    };

    /** Those that wait for what is decided of them, the furthest first. */
    const judged = (): Contender[] => [...records.resting].sort((a, b) => b.rung - a.rung || a.number - b.number);

    return {
      firstRung: () => 0,
      lowestRung: () => 0,
      remark() {
        for (const config of judged()) {
          const { rung, number } = config;
          if (epochsAt(rungs[rung]!, config.length) <= grace) continue;
          const others = records
            .standing(rung)
            .flatMap((other) => (other.config === config ? [] : [average(other.config, rung)]));
          const best = Math.max(...config.scores);
          const bar = middle(others);
          if (others.length < LEAST_OTHERS || best >= bar) continue;
          return {
            ...{ kind: 'stop', config: number, why: 'median', seeds: 1, against: null, evidence: null, needed: null },
            difference: records.direction * (best - bar),
          };
        }
        return null;
      },
      take(decision) {
        if (decision.kind === 'stop') records.resting.delete(records.configs[decision.config]!);
      },
      next: () => judged()[0] ?? null,
    };
  },
});
