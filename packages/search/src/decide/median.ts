/**
 * The median stopping rule of Optuna's `MedianPruner` (Akiba et al., KDD 2019): at a rung, a config stops if its best value so far is below the median of the others'
 * values at the same rung. The others are those that were trained whole; as long as these are too few, all that have reached the rung. Google Vizier (Golovin et al.,
 * KDD 2017) takes running averages instead, which lie below the values where curves rise, so that it stops fewer.
 */
import { median as middle } from '@ablate/statistics';
import type { OpenPromotion } from './promotion.ts';
import type { Contender } from './records.ts';
import { epochsAt } from './rungs.ts';

/** Others at a rung before it stops any config. */
const LEAST_OTHERS = 3;

/** @param grace epochs before a config can stop */
export const median = (grace: number): OpenPromotion => ({
  baselineSeeds: 1,
  open({ records, rungs }) {
    const whole = rungs.findIndex(({ samples }) => samples === rungs.at(-1)?.samples);

    /** The values at a rung with which that of a config is compared. */
    function others(config: Contender, rung: number): number[] {
      const reached = records.standing(rung).filter((other) => other.config !== config);
      const trained = reached.filter((other) => records.scoreAt(other.config, whole) !== null);
      return (trained.length < LEAST_OTHERS ? reached : trained).map(({ score }) => score);
    }

    /** Those that wait for what is decided of them, the furthest first. */
    const judged = (): Contender[] => [...records.resting].sort((a, b) => b.rung - a.rung || a.number - b.number);

    return {
      firstRung: () => 0,
      remark() {
        for (const config of judged()) {
          const { rung, number } = config;
          if (epochsAt(rungs[rung]!, config.length) <= grace) continue;
          const values = others(config, rung);
          const best = Math.max(...config.scores);
          const bar = middle(values);
          if (values.length < LEAST_OTHERS || best >= bar) continue;
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
      reserved: () => 0,
      next: (stage) => (stage === 'seeds' ? null : (judged()[0] ?? null)),
    };
  },
});
