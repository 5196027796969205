/** Promotion ASHA (Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020): no rung waits for others. */
import type { Decision } from '@ablate/contracts';
import { kendallTau } from '@ablate/statistics';
import type { OpenPromotion } from './promotion.ts';
import type { Contender } from './records.ts';

/** At most so many times the promoted share go on for being within noise of the last of them. */
const KEPT = 1.5;
/** Configs at the higher of two rungs when the two are first compared; then at twice as many, and so on. */
const FIRST_RANKS = 6;
/** Below this agreement, over at least so many pairs, the lower rung says too little. */
const LOW_TAU = 0.5;
const MIN_PAIRS = 10;

export const asha: OpenPromotion = {
  baselineSeeds: 3,
  open({ records, rungs, eta, byCost }) {
    const last = rungs.length - 1;
    const ranked = new Map<number, number>();
    let firstRung = 0;

    /** The best config that a rung has not sent on yet, of those that may go on: the best 1/η and those within noise of the last of them. */
    function promotable(rung: number): Contender | null {
      const order = records.standing(rung);
      const quota = Math.floor(order.length / eta);
      const cut = order[quota - 1];
      if (!cut) return null;
      const kept = byCost ? quota : Math.floor(quota * KEPT);
      const error = kept > quota ? records.errorAt(rung) : 0;
      for (let i = 0; i < Math.max(quota, kept); i++) {
        const { config, score } = order[i]!;
        if (config.rung !== rung || !Number.isFinite(score)) continue;
        if (i < quota || cut.score - score <= error) return config;
      }
      return null;
    }

    return {
      firstRung: () => firstRung,
      lowestRung: () => firstRung,
      /** Compares the ranking of a rung with that of the next one, once enough configs have reached it. */
      remark(): Decision | null {
        for (let rung = 0; rung < last; rung++) {
          const both = records.onBothRungs(rung);
          if (both.length < Math.max(FIRST_RANKS, 2 * (ranked.get(rung) ?? 0))) continue;
          const scores = both
            .toSorted((a, b) => a.number - b.number)
            .map((config): [number, number] => [config.scores[rung]!, config.scores[rung + 1]!]);
          const { tau, pairs } = kendallTau(scores, [records.errorAt(rung), records.errorAt(rung + 1)]);
          const isPart = rungs[rung + 1]!.samples > rungs[rung]!.samples && rung + 1 < last;
          const skipped = rung === firstRung && isPart && pairs >= MIN_PAIRS && tau < LOW_TAU;
          return { kind: 'ranks', rung, configs: both.length, tau: pairs > 0 ? tau : null, pairs, skipped };
        }
        return null;
      },
      take(decision) {
        if (decision.kind !== 'ranks') return;
        ranked.set(decision.rung, decision.configs);
        if (decision.skipped) firstRung = decision.rung + 1;
      },
      next() {
        for (let rung = last - 1; rung >= 0; rung--) {
          const config = promotable(rung);
          if (config) return config;
        }
        return null;
      },
    };
  },
};
