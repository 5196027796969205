/** A run as one line. */

import { formatPoint } from '@ablate/answers';
import type { RunView, Stage } from '@ablate/contracts';
import { formatPercent, formatSeconds } from '../format.ts';

const percent = (share: number | null): string | undefined =>
  share === null ? undefined : `${formatPercent(share, 1)} %`;

export const runName = ({ axes, seed, attempt }: RunView): string =>
  `${formatPoint(axes)} · seed ${seed}${attempt > 1 ? ` · attempt ${attempt}` : ''}`;

/** What a run does between its training steps, with its progress. */
const stageText = ({ name, done, total }: Stage): string =>
  total ? `${name} ${Math.floor((100 * done) / total)} %` : done > 0 ? `${name} ${done}` : name;

/** A running run: epoch, loss, last validation accuracy, speed, stage, time left. */
export function runningLine(run: RunView, valAccuracy: number | null): string {
  const { progress } = run;
  if (!progress) return `${runName(run)}  starting`;
  const stage = progress.stage && stageText(progress.stage);
  if (progress.totalSteps === 0) return `${runName(run)}  ${stage ?? 'starting'}`;
  const parts = [
    `epoch ${progress.epoch.toFixed(1)}/${progress.epochs}`,
    progress.loss === null ? undefined : `loss ${progress.loss.toFixed(3)}`,
    valAccuracy === null ? undefined : `val ${percent(valAccuracy)}`,
    progress.samplesPerSecond === null ? undefined : `${Math.round(progress.samplesPerSecond)} samples/s`,
    stage,
    progress.secondsLeft === null ? undefined : `${formatSeconds(progress.secondsLeft)} left`,
  ];
  return `${runName(run)}  ${parts.filter((part) => part !== undefined).join('  ')}`;
}

/** A finished run: state, accuracies and duration, or the cause of a failure. */
export function finishedLine(run: RunView): string {
  const duration =
    run.startedAt && run.finishedAt
      ? `  in ${formatSeconds((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000)}`
      : '';
  if (run.state === 'succeeded')
    return `${runName(run)}  succeeded  val ${percent(run.valAccuracy)}  test ${percent(run.testAccuracy)}${duration}`;
  const reason = run.message?.split('\n')[0] ?? '';
  return `${runName(run)}  ${run.state}${run.cause && run.cause !== run.state ? ` (${run.cause})` : ''}${reason ? `: ${reason}` : ''}`;
}
