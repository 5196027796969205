/** The events of one run: from the trainer into the database, until the last one or the trainer's exit. */
import { isLastEvent, type LastEvent, type TrainCommand, type TrainerEvent } from '@ablate/contracts';
import { type Attempt, failed } from './attempt.ts';
import { explainExit } from './trainer-exit.ts';
import type { Trainer } from './trainer-process.ts';

/** Metrics events that are written at the same time, at most. */
const MAX_WRITES = 32;

const diverged = (what: string): LastEvent => failed({ cause: 'diverged', message: `${what}: training has diverged` });

/** The first figure of an event that is NaN or infinite, if any: no trainer may continue with it, not even a custom one. */
function notFinite(event: TrainerEvent): string | undefined {
  if (event.type === 'progress') return Number.isFinite(event.loss) ? undefined : `the loss was ${event.loss}`;
  const figures: [string, number][] =
    event.type === 'metrics'
      ? event.rows.map(({ name, value, step }) => [`${name} at step ${step}`, value])
      : event.type === 'finished'
        ? Object.entries(event.result)
        : event.type === 'reached'
          ? Object.entries({ valAccuracy: event.valAccuracy, valLoss: event.valLoss })
          : [];
  const broken = figures.find(([, value]) => !Number.isFinite(value));
  return broken && `${broken[0]} was ${broken[1]}`;
}

/** Have the trainer train the run, and write its events. Returns how the attempt ended; undefined if it was superseded. Throws if a write fails. */
export async function followTrainer(
  attempt: Attempt,
  trainer: Trainer,
  {
    command,
    show,
    onLine,
  }: {
    command: TrainCommand;
    /** Shows an event on the dashboard. */
    show: (event: TrainerEvent) => void;
    /** Receives what the trainer prints. */
    onLine: (line: string) => void;
  },
): Promise<LastEvent | undefined> {
  /** Metrics that are being written; they never reject, so that none goes unhandled. */
  const writing: Promise<boolean | Error>[] = [];
  const writeAlongside = (event: TrainerEvent): void => {
    writing.push(
      attempt.write(event).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
    );
  };
  /** Wait for them. Returns whether the attempt still holds its lease; throws the first error. */
  const allWritten = async (): Promise<boolean> => {
    const results = await Promise.all(writing.splice(0));
    for (const result of results) if (result instanceof Error) throw result;
    return !results.includes(false);
  };

  for await (const event of trainer.train(command, onLine)) {
    attempt.heard();
    show(event);
    const broken = notFinite(event);
    if (broken !== undefined && event.type !== 'metrics') return diverged(broken);
    if (event.type === 'metrics') writeAlongside(event);
    // Metrics are written while the trainer continues; every other event is written after the metrics before it.
    if (event.type !== 'metrics' || broken !== undefined || writing.length === MAX_WRITES)
      if (!(await allWritten())) attempt.kill('superseded');
    if (broken !== undefined) return diverged(broken);
    if (isLastEvent(event)) return event;
    if (event.type !== 'metrics' && !(await attempt.write(event))) attempt.kill('superseded');
    if (attempt.superseded) return undefined;
  }
  await allWritten();
  trainer.kill();
  const exit = await trainer.exited;
  return attempt.stopped === undefined ? failed(explainExit(exit)) : attempt.stoppedEnd(attempt.stopped);
}
