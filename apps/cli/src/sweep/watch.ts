/** Follow a sweep until every run has ended. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, all, Unreachable } from '@ablate/client';
import { type Counts, FINISHED_STATES, isFinished, type RunView, type SweepDetail } from '@ablate/contracts';
import type { Screen } from '../screen.ts';
import { finishedLine, runName, runningLine } from './run-line.ts';

/** A service that is started again is back by then. */
const PATIENCE_MS = 60_000;

export type Watched = { sweep: SweepDetail; runs: RunView[] };

const finishedCount = (counts: Counts): number => FINISHED_STATES.reduce((sum, state) => sum + counts[state], 0);

const summary = ({ name, counts }: SweepDetail): string => {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : '';
  return `${name}: ${finishedCount(counts)} of ${total} runs done${failed}, ${counts.running} running, ${counts.queued} queued`;
};

/**
 * Show a sweep's runs as they train: one line each, redrawn on a terminal, written once an epoch elsewhere. Ends when no run is queued or running.
 * An API that is away for less than a minute is waited for.
 * @throws Unreachable after that minute; the signal's reason when it is aborted
 */
export async function watchSweep(
  api: Api,
  sweepId: string,
  { screen, signal, intervalMs = 1000 }: { screen: Screen; signal: AbortSignal; intervalMs?: number },
): Promise<Watched> {
  const told = new Set<string>();
  const followed = new Map<string, { epoch: number; valAccuracy: number | null; stage?: string }>();
  let answered = Date.now();
  let away = false;

  const tell = (run: RunView) => {
    if (!isFinished(run.state) || told.has(run.id)) return;
    told.add(run.id);
    followed.delete(run.id);
    screen.line(finishedLine(run));
  };

  /** Its line, asking for the newest validation accuracy once an epoch. */
  async function follow(run: RunView): Promise<string> {
    told.delete(run.id); // somebody has retried it
    const epoch = Math.floor(run.progress?.epoch ?? 0);
    const before = followed.get(run.id);
    const stage = run.progress?.stage?.name;
    if (!before && !screen.isLive) screen.line(`${runName(run)}  started`);
    // Evaluation comes with every epoch, whose line follows it.
    if (!screen.isLive && stage && stage !== 'evaluating' && stage !== before?.stage)
      screen.line(`${runName(run)}  ${stage}`);
    if (before?.epoch === epoch) {
      before.stage = stage;
      return runningLine(run, before.valAccuracy);
    }
    const measured = epoch === 0 ? [] : await all(api.metrics(run.id, { name: 'val/accuracy' }));
    const valAccuracy = measured.at(-1)?.value ?? null;
    followed.set(run.id, { epoch, valAccuracy, stage });
    const line = runningLine(run, valAccuracy);
    if (!screen.isLive && epoch > 0) screen.line(line);
    return line;
  }

  async function look(): Promise<Watched | null> {
    const sweep = await api.findSweep(sweepId);
    const running = await all(api.runs(sweepId, { state: 'running' }));
    const gone = [...followed.keys()].filter((id) => !running.some((run) => run.id === id));
    for (const id of gone) tell(await api.findRun(id));
    const over = sweep.counts.queued + sweep.counts.running === 0;
    // A run may start and end between two looks.
    const runs = over || finishedCount(sweep.counts) > told.size ? await all(api.runs(sweepId)) : [];
    for (const run of runs) tell(run);
    const lines: string[] = [];
    for (const run of running) if (!told.has(run.id)) lines.push(await follow(run));
    screen.live([summary(sweep), ...lines.map((line) => `  ${line}`)]);
    return over ? { sweep, runs } : null;
  }

  try {
    for (;;) {
      try {
        const watched = await look();
        if (watched) return watched;
        answered = Date.now();
        away = false;
      } catch (error) {
        if (!(error instanceof Unreachable) || Date.now() - answered > PATIENCE_MS) throw error;
        if (!away) screen.line(`waiting for the API at ${api.root}`);
        away = true;
      }
      await wait(intervalMs, undefined, { signal });
    }
  } finally {
    screen.clear();
  }
}
