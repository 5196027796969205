/** Follow a sweep until every run has ended. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, all, Unreachable } from '@ablate/client';
import {
  type Counts,
  count,
  FINISHED_STATES,
  isFinished,
  noWorker,
  type RunView,
  type SweepDetail,
} from '@ablate/contracts';
import { visible } from '@ablate/tables/visible';
import type { Screen } from '../screen.ts';
import { attemptLine, finishedLine, runName, runningLine } from './run-line.ts';

/** Longer than a restart of the API takes. */
const PATIENCE_MS = 60_000;

/** Without a running run for so long, the sweep waits for a slot: a free worker starts a run sooner. */
const SLOT_MS = 5_000;

export type Watched = { sweep: SweepDetail; runs: RunView[] };

const finishedCount = (counts: Counts): number => FINISHED_STATES.reduce((sum, state) => sum + counts[state], 0);

const summary = ({ name, counts, state }: SweepDetail): string => {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const parts = [
    `${finishedCount(counts)} of ${count(total, 'run')} done`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.running > 0 ? [`${counts.running} running`] : []),
    ...(counts.queued > 0 ? [`${counts.queued} ${state === 'paused' ? 'paused' : 'waiting for a slot'}`] : []),
  ];
  return `${visible(name)}: ${parts.join(', ')}`;
};

/**
 * Show a sweep's runs as they train: one line each, redrawn on a terminal, written once per epoch elsewhere. Returns when the sweep is over and no run is
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
  /** The last attempt of each run whose end is shown. */
  const attempts = new Map<string, number>();
  let responded = performance.now();
  let waiting = false;
  let waitsFor: string | null = null;
  /** Since when no run is running although some are queued. */
  let idleSince: number | null = null;

  const report = (run: RunView) => {
    if (!isFinished(run.state) || reported.has(run.id)) return;
    reported.add(run.id);
    followed.delete(run.id);
    screen.line(finishedLine(run));
  };

  /** Write a line for each attempt that was lost or preempted since the last call. */
  async function reportAttempts(run: RunView): Promise<void> {
    const ended = run.state === 'running' ? run.attempt - 1 : run.attempt;
    const shown = attempts.get(run.id) ?? 0;
    if (isFinished(run.state) || ended <= shown) return;
    for (const { subject, state, attempt, cause, message } of await all(api.events.list({ runId: run.id })))
      if (subject === 'attempt' && state === 'ended' && attempt !== null && attempt > shown && cause !== null) {
        screen.line(attemptLine(run, { attempt, cause, message }));
        attempts.set(run.id, attempt);
      }
  }

  /** The line of a running run. Its validation accuracy is requested once per epoch. */
  async function follow(run: RunView): Promise<string> {
    reported.delete(run.id); // it was retried
    await reportAttempts(run);
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

  /** Why no run of the sweep trains, although some wait; null if a worker will soon take one. */
  async function waitingReason({ counts, state }: SweepDetail): Promise<string | null> {
    idleSince ??= performance.now();
    if (state === 'paused') return 'the sweep is paused';
    const missing = noWorker(await api.workers.list());
    if (missing !== null) return missing;
    for await (const { message } of api.sweeps.runs(sweepId, { state: 'queued' })) {
      if (message !== null) return visible(message);
      break;
    }
    return performance.now() - idleSince < SLOT_MS
      ? null
      : `${count(counts.queued, 'run')} for a free slot of a worker`;
  }

  async function poll(): Promise<Watched | null> {
    const sweep = await api.sweeps.find(sweepId);
    const running = await all(api.sweeps.runs(sweepId, { state: 'running' }));
    const stopped = [...followed.keys()].filter((id) => !running.some((run) => run.id === id));
    for (const id of stopped) {
      const run = await api.runs.find(id);
      report(run);
      await reportAttempts(run);
      if (run.state === 'queued') followed.delete(id);
    }
    // A search may ask for more runs when none is left.
    const isOver = sweep.state === 'finished' || sweep.state === 'cancelled';
    const finished = isOver && sweep.counts.queued + sweep.counts.running === 0;
    // A run may start and finish between two polls.
    const runs = finished || finishedCount(sweep.counts) > reported.size ? await all(api.sweeps.runs(sweepId)) : [];
    for (const run of runs) report(run);
    if (running.length > 0) idleSince = null;
    const reason = finished || running.length > 0 || sweep.counts.queued === 0 ? null : await waitingReason(sweep);
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
        responded = performance.now();
        waiting = false;
      } catch (error) {
        if (!(error instanceof Unreachable) || performance.now() - responded > PATIENCE_MS) throw error;
        if (!waiting) screen.line(`waiting for the API at ${api.root}`);
        waiting = true;
      }
      await wait(intervalMs, undefined, { signal });
    }
  } finally {
    screen.clear();
  }
}
