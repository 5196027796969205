/** What an attempt shows on the queue dashboard while it runs: its progress and its log. Redis may lose both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { count, type JobProgress, KEPT_LOG_LINES, logLine, type TrainerEvent } from '@ablate/contracts';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';

/** Least time between two writes, which bounds the load on Redis. */
const INTERVAL_MS = 1_000;

/** How long the end of an attempt waits for the last write: Redis may be unreachable. */
const LAST_WRITE_MS = 1_000;

export type JobReport = {
  progress(progress: JobProgress): void;
  line(text: string): void;
  /** Writes what is left, for a second at most. */
  close(): Promise<void>;
};

/** Writes progress and log lines of a job at most once a second, in the background. A write that fails is dropped. */
export function openJobReport(job: Pick<Job, 'log' | 'updateProgress'>, log: Logger): JobReport {
  let progress: JobProgress | undefined;
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const [newest, written] = [progress, lines];
    [progress, lines] = [undefined, []];
    last = Promise.all([
      ...(newest === undefined ? [] : [job.updateProgress(newest)]),
      ...written.map((line) => job.log(line)),
    ]).catch((error: unknown) => log.debug({ err: error }, 'not shown on the dashboard'));
  };
  const schedule = (): void => {
    if (!closed) timer ??= setTimeout(write, INTERVAL_MS);
  };

  return {
    progress: (newest) => {
      progress = newest;
      schedule();
    },
    line: (text) => {
      lines.push(logLine(text));
      if (lines.length > KEPT_LOG_LINES) lines.shift();
      schedule();
    },
    close: async () => {
      closed = true;
      write();
      await Promise.race([last, sleep(LAST_WRITE_MS, undefined, { ref: false })]);
    },
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** The lines of the log for an event. */
function linesOf(event: TrainerEvent, stage: string | undefined): string[] {
  switch (event.type) {
    case 'started': {
      const { totalSteps, epochs, parameters, environment, resumedFrom, notes } = event;
      const from = resumedFrom === null ? 'started' : `resumed from step ${resumedFrom}`;
      return [
        `${from}: ${count(epochs, 'epoch')}, ${count(totalSteps, 'step')}, ${count(parameters, 'parameter')}, ${environment.device}`,
        ...notes.map((note) => `note: ${note}`),
      ];
    }
    case 'stage':
      return event.stage.name === stage || event.stage.name === 'evaluating' ? [] : [event.stage.name];
    case 'metrics': {
      const figures = event.rows.map(({ name, value }) => `${name} ${Number(value.toPrecision(5))}`);
      return [`epoch ${event.rows.at(-1)?.epoch ?? 0}: ${figures.join(', ')}`];
    }
    case 'checkpoint':
      return [`checkpoint ${event.checkpoint.kind} at step ${event.checkpoint.step}`];
    case 'finished':
      return [`finished: validation ${percent(event.result.valAccuracy)}, test ${percent(event.result.testAccuracy)}`];
    case 'reached':
      return [`stopped after epoch ${event.epoch}: validation ${percent(event.valAccuracy)}`];
    case 'failed':
      return [`ended: ${event.cause}: ${event.message}`];
    default:
      return [];
  }
}

/** A function that shows each event of a trainer on the dashboard. */
export function showEvents(report: JobReport): (event: TrainerEvent) => void {
  let [totalSteps, epochs, step, epoch] = [0, 0, 0, 0];
  let loss: number | null = null;
  let validationAccuracy: number | null = null;
  let stage: string | undefined;
  let started = '';

  return (event) => {
    const lines = linesOf(event, stage);
    // `started` is sent again when notes are added: only what is new is shown.
    for (const line of lines) if (event.type !== 'started' || !started.includes(`${line}\n`)) report.line(line);
    if (event.type === 'started') {
      started = `${lines.join('\n')}\n`;
      ({ totalSteps, epochs } = event);
    } else if (event.type === 'progress') ({ step, epoch, loss } = event);
    else if (event.type === 'metrics')
      validationAccuracy = event.rows.findLast(({ name }) => name === 'val/accuracy')?.value ?? validationAccuracy;
    else if (event.type !== 'stage') return;
    stage = event.type === 'stage' ? event.stage.name : undefined;
    report.progress({
      progress: totalSteps === 0 ? 0 : Math.floor((100 * step) / totalSteps),
      epoch: `${epoch.toFixed(1)} of ${epochs}`,
      loss: loss === null || !Number.isFinite(loss) ? null : loss,
      validationAccuracy,
      ...(stage === undefined ? {} : { stage }),
    });
  };
}
