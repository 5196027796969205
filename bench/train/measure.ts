/** One cell of the table: every engine on one model, precision and number of threads, in turns. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '@ablate/statistics';
import { type Child, startChild } from './child.ts';
import { calibrateTorch, ENGINES, type Engine, type Surroundings, type Way } from './engines.ts';
import type { Row } from './results.ts';
import type { Task } from './workload.ts';

export type Effort = {
  rounds: number;
  /** Length of a turn, unless `steps` sets it. */
  seconds: number;
  steps: number | null;
};

type Log = (line: string) => void;
type Entrant = { engine: Engine; child: Child; steps: number; rates: number[] };

const WARM_UP_STEPS = 3;
const LEAST_STEPS = 2;

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').slice(-3).join(' | ');

/** Starts one engine, warms it up, and chooses the number of steps of its turns. */
async function enter(
  engine: Engine,
  task: Task,
  surroundings: Surroundings,
  way: Way | null,
  { seconds, steps }: Effort,
): Promise<Entrant> {
  const child = await startChild(ENGINES[engine].command(task, surroundings, way), task.threads);
  const warm = await child.run(WARM_UP_STEPS);
  const fitting = Math.ceil(seconds / (warm.seconds / warm.steps));
  return { engine, child, steps: steps ?? Math.max(LEAST_STEPS, fitting), rates: [] };
}

async function compileAgain(engine: Engine, task: Task, surroundings: Surroundings): Promise<number | null> {
  if (engine !== 'ablate') return null;
  const child = await startChild(ENGINES[engine].command(task, surroundings, null), task.threads);
  await child.end();
  return child.ready.compileSeconds;
}

/**
 * Measures a cell. Every engine has its own process, which lives through all rounds. One runs while the others wait; the order
 * rotates from round to round. An engine that cannot run is skipped, and the reason is logged.
 */
export async function measureCell(
  { title, task, engines, python }: { title: string; task: Task; engines: Engine[]; python: string | null },
  effort: Effort,
  log: Log,
): Promise<{ rows: Row[]; versions: Record<string, string> }> {
  const surroundings = { cache: await mkdtemp(join(tmpdir(), 'ablate-bench-')), python };
  const entrants: Entrant[] = [];
  try {
    const possible = engines.filter((engine) => {
      const obstacle = ENGINES[engine].obstacle(task, surroundings);
      if (obstacle) log(`  ${engine} is skipped: ${obstacle}`);
      return obstacle === null;
    });
    const way = possible.some((engine) => ENGINES[engine].usesTorch) ? await calibrateTorch(task, surroundings) : null;
    for (const engine of possible) {
      try {
        const entrant = await enter(engine, task, surroundings, way, effort);
        const { compileSeconds, notes } = entrant.child.ready;
        log(`  ${engine} is ready after ${compileSeconds.toFixed(1)} s${notes.map((note) => `; ${note}`).join('')}`);
        entrants.push(entrant);
      } catch (error) {
        log(`  ${engine} is skipped: it failed: ${firstLine(error)}`);
      }
    }
    for (let round = 0; round < effort.rounds; round++) {
      const order = entrants.map((_, i) => entrants[(i + round) % entrants.length]).filter((e) => e !== undefined);
      for (const { engine, child, steps, rates } of order) {
        if (round >= ENGINES[engine].mostRounds) continue;
        const stepped = await child.run(steps);
        rates.push((stepped.steps * task.batchSize) / stepped.seconds);
      }
      const latest = entrants.map(({ engine, rates }) => `${engine} ${rates.at(-1)?.toFixed(1)}`);
      log(`  round ${round + 1} of ${effort.rounds}: ${latest.join(', ')}`);
    }
    const peaks = new Map(entrants.map(({ engine, child }) => [engine, child.peakMemoryMiB()]));
    for (const { child } of entrants) await child.end();

    const rows: Row[] = [];
    for (const { engine, child, rates } of entrants) {
      rows.push({
        model: title,
        engine,
        precision: task.precision,
        threads: task.threads,
        batchSize: task.batchSize,
        samplesPerSecond: median(rates),
        spread: [Math.min(...rates), Math.max(...rates)],
        n: rates.length,
        peakMemoryMiB: peaks.get(engine) ?? null,
        compileSeconds: child.ready.compileSeconds,
        compileSecondsAgain: await compileAgain(engine, task, surroundings),
        notes: child.ready.notes,
        measured: new Date().toISOString(),
      });
    }
    return { rows, versions: Object.assign({}, ...entrants.map(({ child }) => child.ready.versions)) };
  } finally {
    for (const { child } of entrants) child.kill();
    rmSync(surroundings.cache, { recursive: true, force: true });
  }
}
