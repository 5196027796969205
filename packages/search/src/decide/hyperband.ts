/**
 * Brackets of successive halving: some try many configs a little, others few configs longer (Li et al., "Hyperband", JMLR 18, 2018). A bracket waits at a rung
 * for all of its configs; meanwhile the next bracket begins.
 */
import type { OpenPromotion } from './promotion.ts';
import type { Contender } from './records.ts';

/** Its configs are numbered from `from`; they start at `rung`. */
export type Bracket = { from: number; size: number; rung: number };

/** The brackets of a search with so many rungs, one after the other, again and again. */
export function* brackets(rungs: number, eta: number): Generator<Bracket> {
  for (let from = 0; ; )
    for (let rung = 0; rung < rungs; rung++) {
      const halvings = rungs - 1 - rung;
      const size = Math.ceil((rungs * eta ** halvings) / (halvings + 1));
      yield { from, size, rung };
      from += size;
    }
}

export const hyperband: OpenPromotion = {
  baselineSeeds: 1,
  open({ records, rungs, eta }) {
    const { configs } = records;
    const last = rungs.length - 1;
    const source = brackets(rungs.length, eta);
    /** Those that have begun, and the next. */
    const begun: Bracket[] = [];
    const done = new Set<Bracket>();

    /** The bracket of the next new config. */
    function current(): Bracket {
      for (;;) {
        const latest = begun.at(-1);
        if (latest && configs.length < latest.from + latest.size) return latest;
        begun.push(source.next().value);
      }
    }

    /** The best config of a bracket that goes on; null if none does yet, or none any more. */
    function promotable(bracket: Bracket, joining: boolean): Contender | null {
      let group = configs.slice(bracket.from, bracket.from + bracket.size);
      if (joining && group.length < bracket.size) return null;
      const size = group.length;
      for (let rung = bracket.rung; rung < last; rung++) {
        const standing = group.flatMap((config) => {
          const score = records.scoreAt(config, rung);
          return score === null ? [] : [{ config, score }];
        });
        if (standing.length < group.length) return null;
        const quota = Math.max(1, Math.floor(size / eta ** (rung + 1 - bracket.rung)));
        const chosen = records
          .rank(standing)
          .slice(0, quota)
          .flatMap(({ config, score }) => (Number.isFinite(score) ? [config] : []));
        const next = chosen.find((config) => config.rung === rung);
        if (next) return next;
        group = chosen;
      }
      if (group.every((config) => records.scoreAt(config, last) !== null)) done.add(bracket);
      return null;
    }

    return {
      firstRung: () => current().rung,
      remark: () => null,
      take: () => {},
      reserved: () => 0,
      next(stage) {
        if (stage === 'seeds') return null;
        for (const bracket of begun) {
          const config = done.has(bracket) ? null : promotable(bracket, stage === 'joining');
          if (config) return config;
        }
        return null;
      },
    };
  },
};
