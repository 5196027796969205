/** A run as one line. */
import { formatPoint } from '@ablate/answers';
import type { RunView, Stage } from '@ablate/contracts';
import { visible } from '@ablate/tables/visible';
import { formatPercent, formatSeconds } from '../format.ts';

const percent = (share: number | null): string | undefined =>
  share === null ? undefined : `${formatPercent(share, 1)} %`;

export const runName = ({ axes, seed, attempt }: RunView): string =>
  visible(`${formatPoint(axes)} · seed ${seed}${attempt > 1 ? ` · attempt ${attempt}` : ''}`);

/** What a run does between its training steps, with its progress. */
const stageText = ({ name, done, total }: Stage): string =>
  total ? `${name} ${Math.floor((100 * done) / total)} %` : done > 0 ? `${name} ${done}` : name;

/** The time left; nothing in the last half second, whose length is not known. */
const timeLeft = (seconds: number | null): string | undefined =>
  seconds === null || seconds < 0.5 ? undefined : `${formatSeconds(seconds)} left`;

/** A running run: epoch, loss, last validation accuracy, speed, stage, time left. */
export function runningLine(run: RunView, valAccuracy: number | null): string {
  const { progress } = run;
  if (!progress) return `${runName(run)}  starting`;
  const stage = progress.stage && stageText(progress.stage);
  if (progress.totalSteps === 0) return `${runName(run)}  ${stage ?? 'starting'}`;
  const done = progress.step === progress.totalSteps;
  const parts = [
    `epoch ${progress.epoch.toFixed(1)}/${progress.epochs}`,
    progress.loss === null ? undefined : `loss ${progress.loss.toFixed(3)}`,
    valAccuracy === null ? undefined : `val ${percent(valAccuracy)}`,
    progress.samplesPerSecond === null ? undefined : `${Math.round(progress.samplesPerSecond)} samples/s`,
    stage ?? (done ? 'evaluating' : undefined),
    timeLeft(progress.secondsLeft),
  ];
  return `${runName(run)}  ${parts.filter((part) => part !== undefined).join('  ')}`;
}

/** A finished run: state, accuracies and duration; or the cause and the message of a failure, whose further lines are indented. */
export function finishedLine(run: RunView): string {
  const duration =
    run.startedAt && run.finishedAt
      ? `  in ${formatSeconds((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000)}`
      : '';
  if (run.state === 'succeeded')
    return `${runName(run)}  ${run.reusedFrom ? 'reused' : 'succeeded'}  val ${percent(run.valAccuracy)}  test ${percent(run.testAccuracy)}${duration}`;
  const reason = (run.message ?? '').trimEnd().replaceAll('\n', '\n    ');
  return `${runName(run)}  ${run.state}${run.cause && run.cause !== run.state ? ` (${run.cause})` : ''}${reason ? `: ${reason}` : ''}`;
}

/** An attempt that ended without ending its run: the run is queued again. */
export function attemptLine(
  run: RunView,
  { attempt, cause, message }: { attempt: number; cause: string; message: string | null },
): string {
  const name = runName({ ...run, attempt: 1 });
  return `${name}  attempt ${attempt} ${cause}${message ? `: ${message.trimEnd().split('\n')[0]}` : ''}; the run is queued again`;
}
