/** One round: sweeps are submitted while faults are injected; when all runs are finished, every invariant is checked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from '@ablate/harness/installation';
import { type TinySpec, tinySpec } from '@ablate/harness/specs';
import { countedRandom, randomKey } from '@ablate/random';
import { type Expected, type Violation, violations } from './invariants.ts';
import { disturb, OUT_OF_MEMORY, planRound } from './nemesis.ts';

export type RoundOptions = {
  seed: number;
  round: number;
  slots: number;
  /** Faults in the round, and the milliseconds within which they start. */
  faults: number;
  ms: number;
  sweeps: number;
  /** Of each sweep. */
  configs: number;
  seeds: number;
  epochs?: number;
  expected: Expected;
};

export type RoundReport = {
  seed: number;
  round: number;
  done: string[];
  runs: number;
  attempts: number;
  /** Number of attempts for each cause. */
  causes: Record<string, number>;
  /** Runs that failed after three lost attempts. */
  gaveUp: number;
  seconds: number;
  broken: Violation[];
};

export async function playRound(installation: Installation, options: RoundOptions): Promise<RoundReport> {
  const { seed, round, ms } = options;
  const begun = performance.now();
  const random = countedRandom(randomKey(seed, 'sweeps'), [round, 0]);
  const [{ before } = { before: '' }] = await installation.rows<{ before: string }>('SELECT now()::text AS before');

  const submitted = Array.from({ length: options.sweeps }, (_, i) => {
    const asked: TinySpec = tinySpec({
      configs: options.configs,
      seeds: options.seeds,
      epochs: options.epochs,
      name: `round ${round}.${i}`,
      firstSeed: 1 + random.integer(1_000),
      // Every second sweep may not use all slots.
      ...(i % 2 === 1 && { running: 1 + random.integer(2) }),
    });
    return { asked, at: i === 0 ? 0 : random.uniform() * ms };
  });
  const [done, accepted] = await Promise.all([
    disturb(installation, planRound(seed, round, options)),
    Promise.all(
      submitted.map(async ({ asked, at }, i) => {
        await sleep(at);
        return installation.submit(asked, `${seed}-${round}-${i}`);
      }),
    ),
  ]);

  await installation.until(
    `all runs of round ${round} of seed ${seed} are finished (${done.join('; ')})`,
    `SELECT true AS yes WHERE NOT EXISTS (SELECT FROM run WHERE state IN ('queued', 'running'))`,
  );
  // A request whose response was lost may be accepted twice: then both sweeps must be complete.
  const all = await installation.rows<{ id: string; runs: number }>(
    `SELECT sweep.id, count(run.id)::int AS runs FROM sweep LEFT JOIN run ON run.sweep_id = sweep.id
     WHERE sweep.created_at > $1 GROUP BY sweep.id`,
    [before],
  );
  const sweeps = all.map(({ id }) => id);
  const wanted = options.configs * options.seeds;
  const lost = accepted.filter(({ id }) => !sweeps.includes(id));
  const partial = all.filter(({ runs }) => runs !== wanted);
  const broken = await violations(installation, { sweeps, slots: options.slots, expected: options.expected });
  if (lost.length > 0) broken.push({ invariant: 'an accepted sweep is missing', rows: lost });
  if (partial.length > 0) broken.push({ invariant: 'a sweep does not have all its runs', rows: partial });

  const causes = await installation.rows<{ cause: string; count: number }>(
    `SELECT coalesce(attempt.cause::text, 'open') AS cause, count(*)::int AS count
     FROM attempt JOIN run ON run.id = run_id WHERE run.sweep_id = ANY($1) GROUP BY 1 ORDER BY 1`,
    [sweeps],
  );
  const [{ failed } = { failed: 0 }] = await installation.rows<{ failed: number }>(
    `SELECT count(*)::int AS failed FROM run WHERE sweep_id = ANY($1) AND state = 'failed' AND cause = 'lost'`,
    [sweeps],
  );
  const exhausted = causes.find(({ cause }) => cause === 'out_of_memory')?.count ?? 0;
  if (exhausted > done.filter((fault) => fault.includes(OUT_OF_MEMORY)).length)
    broken.push({ invariant: 'a run failed as out of memory without such a fault', rows: causes });
  return {
    seed,
    round,
    done,
    runs: wanted * sweeps.length,
    attempts: causes.reduce((sum, { count }) => sum + count, 0),
    causes: Object.fromEntries(causes.map(({ cause, count }) => [cause, count])),
    gaveUp: failed,
    seconds: (performance.now() - begun) / 1000,
    broken,
  };
}
