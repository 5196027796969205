/** What samplers know of earlier configs. */
import type { Point } from './sample-space.ts';

/** `depth` orders how far configs were trained: scores of different depths are not compared. Without a score, training has just begun. */
export type Merit = { score: number | null; depth: number };

/** One config that was asked for. `score` is the mean of its `seeds` results, larger is better; -Infinity if it failed. */
export type Trial = Merit & { point: Point; seeds: number };

/** The order in which trials are good: the deepest, of those the best, of those the earliest. */
export function byMerit(a: Merit, b: Merit): number {
  if (a.depth !== b.depth) return b.depth - a.depth;
  const [first, second] = [a.score ?? Number.NEGATIVE_INFINITY, b.score ?? Number.NEGATIVE_INFINITY];
  return first === second ? 0 : second - first;
}
