/** How the configs of a search go from rung to rung: one row for each method. */
import type { Decision } from '@ablate/contracts';
import type { Contender, Records } from './records.ts';
import type { Rung } from './rungs.ts';

/** Configs join; all have joined; or the budget allows nothing but more seeds of those that are trained. */
type Stage = 'joining' | 'joined' | 'seeds';

type Promotion = {
  /** The rung at which the next new config starts. */
  firstRung(): number;
  /** What is said of rungs or configs before any goes on. */
  remark(): Decision | null;
  take(decision: Decision): void;
  /** The config that goes on to the next rung; null if none may. */
  next(stage: Stage): Contender | null;
  /** Whole trainings that more seeds of those that are trained will take, which a budget has to leave. */
  reserved(): number;
};

type PromotionParts = {
  records: Records;
  rungs: readonly Rung[];
  eta: number;
  /** Whether configs are ranked by the Pareto front. */
  byCost: boolean;
};

export type OpenPromotion = {
  /** Seeds of the baseline at the first rung: they show the noise there. */
  baselineSeeds: number;
  open(parts: PromotionParts): Promotion;
};
