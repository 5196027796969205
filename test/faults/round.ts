/** One round: sweeps are submitted while harm is done, then everything ends, then every promise is looked at. */
import { setTimeout as sleep } from 'node:timers/promises';
import { countedRandom, randomKey } from '@ablate/random';
import type { Installation } from './installation.ts';
import { type Broken, brokenPromises, type Expected } from './invariants.ts';
import { disturb, OUT_OF_MEMORY, planRound } from './nemesis.ts';
import { type DisturbedSpec, spec } from './sweeps.ts';

export type RoundOptions = {
  seed: number;
  round: number;
  slots: number;
  /** Harms in the round, and the time within which they begin. */
  harms: number;
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
  /** Attempts by how they ended. */
  causes: Record<string, number>;
  /** Runs that failed since they had spent their budget of losses. */
  gaveUp: number;
  seconds: number;
  broken: Broken[];
};

export async function playRound(installation: Installation, options: RoundOptions): Promise<RoundReport> {
  const { seed, round, ms } = options;
  const begun = performance.now();
  const random = countedRandom(randomKey(seed, 'sweeps'), [round, 0]);
  const [{ before } = { before: '' }] = await installation.rows<{ before: string }>('SELECT now()::text AS before');

  const submitted = Array.from({ length: options.sweeps }, (_, i) => {
    const asked: DisturbedSpec = spec({
      configs: options.configs,
      seeds: options.seeds,
      epochs: options.epochs,
      name: `round ${round}.${i}`,
      firstSeed: 1 + random.integer(1_000),
      // Every other sweep may not use all slots.
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
  // A request whose answer was lost may have been accepted twice: then both must be whole.
  const all = await installation.rows<{ id: string; runs: number }>(
    `SELECT sweep.id, count(run.id)::int AS runs FROM sweep LEFT JOIN run ON run.sweep_id = sweep.id
     WHERE sweep.created_at > $1 GROUP BY sweep.id`,
    [before],
  );
  const sweeps = all.map(({ id }) => id);
  const wanted = options.configs * options.seeds;
  const lost = accepted.filter(({ id }) => !sweeps.includes(id));
  const partial = all.filter(({ runs }) => runs !== wanted);
  const broken = await brokenPromises(installation, { sweeps, slots: options.slots, expected: options.expected });
  if (lost.length > 0) broken.push({ promise: 'an accepted sweep is gone', rows: lost });
  if (partial.length > 0) broken.push({ promise: 'a sweep has not all its runs', rows: partial });

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
  if (exhausted > done.filter((harm) => harm.includes(OUT_OF_MEMORY)).length)
    broken.push({ promise: 'a run was said to need more memory than there is', rows: causes });
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
