/** Follow a sweep until every run has ended. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, all, Unreachable } from '@ablate/client';
import { type Counts, FINISHED_STATES, isFinished, noWorker, type RunView, type SweepDetail } from '@ablate/contracts';
import type { Screen } from '../screen.ts';
import { finishedLine, runName, runningLine } from './run-line.ts';

/** Longer than a restart of the API takes. */
const PATIENCE_MS = 60_000;

export type Watched = { sweep: SweepDetail; runs: RunView[] };

const finishedCount = (counts: Counts): number => FINISHED_STATES.reduce((sum, state) => sum + counts[state], 0);

const summary = ({ name, counts }: SweepDetail): string => {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : '';
  return `${name}: ${finishedCount(counts)} of ${total} runs done${failed}, ${counts.running} running, ${counts.queued} queued`;
};

/**
 * Show a sweep's runs as they train: one line each, redrawn on a terminal, written once per epoch elsewhere. Returns when no run is
 * queued or running. Retries for a minute if the API does not respond.
 * @throws Unreachable after that minute; the signal's reason when it is aborted
 */
export async function watchSweep(
  api: Api,
  sweepId: string,
  { screen, signal, intervalMs = 1000 }: { screen: Screen; signal: AbortSignal; intervalMs?: number },
): Promise<Watched> {
  const reported = new Set<string>();
  const followed = new Map<string, { epoch: number; valAccuracy: number | null; stage?: string }>();
  let responded = Date.now();
  let waiting = false;
  let waitsFor: string | null = null;

  const report = (run: RunView) => {
    if (!isFinished(run.state) || reported.has(run.id)) return;
    reported.add(run.id);
    followed.delete(run.id);
    screen.line(finishedLine(run));
  };

  /** The line of a running run. Its validation accuracy is requested once per epoch. */
  async function follow(run: RunView): Promise<string> {
    reported.delete(run.id); // it was retried
    const epoch = Math.floor(run.progress?.epoch ?? 0);
    const before = followed.get(run.id);
    const stage = run.progress?.stage?.name;
    if (!before && !screen.isLive) screen.line(`${runName(run)}  started`);
    // Every epoch ends with an evaluation, whose result is written below.
    if (!screen.isLive && stage && stage !== 'evaluating' && stage !== before?.stage)
      screen.line(`${runName(run)}  ${stage}`);
    if (before?.epoch === epoch) {
      before.stage = stage;
      return runningLine(run, before.valAccuracy);
    }
    const measured = epoch === 0 ? [] : await all(api.runs.metrics(run.id, { name: 'val/accuracy' }));
    const valAccuracy = measured.at(-1)?.value ?? null;
    followed.set(run.id, { epoch, valAccuracy, stage });
    const line = runningLine(run, valAccuracy);
    if (!screen.isLive && epoch > 0) screen.line(line);
    return line;
  }

  /** Why no run of the sweep trains, although some wait; null if a worker will take one. */
  async function waitingReason(): Promise<string | null> {
    const missing = noWorker(await api.workers.list());
    if (missing !== null) return missing;
    for await (const { message } of api.sweeps.runs(sweepId, { state: 'queued' })) return message;
    return null;
  }

  async function poll(): Promise<Watched | null> {
    const sweep = await api.sweeps.find(sweepId);
    const running = await all(api.sweeps.runs(sweepId, { state: 'running' }));
    const ended = [...followed.keys()].filter((id) => !running.some((run) => run.id === id));
    for (const id of ended) report(await api.runs.find(id));
    const finished = sweep.counts.queued + sweep.counts.running === 0;
    // A run may start and finish between two polls.
    const runs = finished || finishedCount(sweep.counts) > reported.size ? await all(api.sweeps.runs(sweepId)) : [];
    for (const run of runs) report(run);
    const reason = finished || running.length > 0 ? null : await waitingReason();
    const lines: string[] = reason === null ? [] : [`waiting: ${reason}`];
    if (!screen.isLive && reason !== null && reason !== waitsFor) screen.line(`waiting: ${reason}`);
    waitsFor = reason;
    for (const run of running) if (!reported.has(run.id)) lines.push(await follow(run));
    screen.live([summary(sweep), ...lines.map((line) => `  ${line}`)]);
    return finished ? { sweep, runs } : null;
  }

  try {
    for (;;) {
      try {
        const watched = await poll();
        if (watched) return watched;
        responded = Date.now();
        waiting = false;
      } catch (error) {
        if (!(error instanceof Unreachable) || Date.now() - responded > PATIENCE_MS) throw error;
        if (!waiting) screen.line(`waiting for the API at ${api.root}`);
        waiting = true;
      }
      await wait(intervalMs, undefined, { signal });
    }
  } finally {
    screen.clear();
  }
}
