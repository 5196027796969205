/** Promotion ASHA (Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020): no rung waits for others. */
import type { Decision } from '@ablate/contracts';
import { agreement } from './agreement.ts';
import type { OpenPromotion } from './promotion.ts';
import type { Contender } from './records.ts';

/** At most so many times the promoted share go on, for being within noise of the last of them or since the rung foretells little. */
const KEPT = 1.5;
/** Configs at the higher of two rungs when the two are first compared; then at half as many more, and so on. */
const FIRST_RANKS = 6;
const NEXT_RANKS = 1.5;
/** So many tell enough: pairs grow with the square. */
const MOST_RANKS = 1000;

export const asha: OpenPromotion = {
  baselineSeeds: 3,
  open({ records, rungs, eta, byCost }) {
    const ranked = new Map<number, number>();
    /** Of the configs of a rung, those that go on; 1/η where it is not known how well the rung ranks. */
    const shares = new Map<number, number>();
    /** Rungs from which configs go on to more seeds of the same training; before these, to more of the training. */
    const whole = rungs.findIndex(({ samples }) => samples === rungs.at(-1)?.samples);
    const lower = rungs.slice(0, -1).map((_, rung) => rung);

    /** The best config that a rung has not sent on yet, of those that may go on. */
    function promotable(rung: number): Contender | null {
      const order = records.standing(rung);
      const quota = Math.floor(order.length * (shares.get(rung) ?? 1 / eta) + 1e-9);
      const cut = order[quota - 1];
      if (!cut) return null;
      const kept = byCost || rung < whole ? quota : Math.floor(quota * KEPT);
      const error = kept > quota ? records.errorAt(rung) : 0;
      for (let i = 0; i < Math.min(kept, order.length); i++) {
        const { config, score } = order[i]!;
        if (config.rung !== rung || !Number.isFinite(score)) continue;
        if (i < quota || cut.score - score <= error) return config;
      }
      return null;
    }

    /** The best config that may go on, of the highest of these rungs that has one. */
    function highest(of: readonly number[]): Contender | null {
      for (const rung of of.toReversed()) {
        const config = promotable(rung);
        if (config) return config;
      }
      return null;
    }

    return {
      firstRung: () => 0,
      /** Compares the ranking of a rung with that of the next one, once enough configs have reached it. */
      remark(): Decision | null {
        for (const rung of lower) {
          const both = records.onBothRungs(rung);
          const least = Math.max(FIRST_RANKS, NEXT_RANKS * (ranked.get(rung) ?? 0));
          if (both.length < least || both.length > MOST_RANKS) continue;
          const finite = records
            .standing(rung)
            .filter(({ score }) => Number.isFinite(score))
            .toSorted((a, b) => b.score - a.score);
          const places = new Map(finite.map(({ config }, place) => [config, place]));
          const { tau, pairs, share } = agreement(
            both.map((config) => ({
              ...{ lower: config.scores[rung]!, upper: config.scores[rung + 1]!, place: places.get(config) ?? 0 },
            })),
            // Whole trainings are too dear to be given to all.
            { n: finite.length, eta, most: KEPT / eta, noise: records.errorAt(rung + 1), canSkip: rung + 1 < whole },
          );
          const goingOn = rung < whole ? share : null;
          return { kind: 'ranks', rung, configs: both.length, tau, pairs, share: goingOn, skipped: goingOn === 1 };
        }
        return null;
      },
      take(decision) {
        if (decision.kind !== 'ranks') return;
        ranked.set(decision.rung, decision.configs);
        shares.set(decision.rung, decision.share ?? 1 / eta);
      },
      next(stage) {
        const [parts, seeds] = [lower.slice(0, whole), lower.slice(whole)];
        if (stage === 'joining') return highest(parts);
        return (stage === 'joined' ? highest(parts) : null) ?? highest(seeds);
      },
      reserved() {
        const counts = rungs.slice(whole).map((_, i) => records.configs.filter(({ rung }) => rung >= whole + i).length);
        let [due, runs] = [(counts[0] ?? 0) + 1, 0];
        for (let i = 1; i < counts.length; i++) {
          due = Math.floor(due / eta);
          runs += Math.max(0, due - counts[i]!) * (rungs[whole + i]!.seeds - rungs[whole + i - 1]!.seeds);
        }
        return runs;
      },
    };
  },
};
