/** One run on one line. */
import type { RunView, Stage } from '@ablate/contracts';
import { formatPoint } from './axes.ts';

/** Whole seconds as 0:42, 12:05 or 3:04:05. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const percent = (share: number | null): string | undefined =>
  share === null ? undefined : `${(100 * share).toFixed(1)} %`;

export const runName = ({ axes, seed, attempt }: RunView): string =>
  `${formatPoint(axes)} · seed ${seed}${attempt > 1 ? ` · attempt ${attempt}` : ''}`;

/** What it does beside its steps, and how much of it is done. */
const stageText = ({ name, done, total }: Stage): string =>
  total ? `${name} ${Math.floor((100 * done) / total)} %` : done > 0 ? `${name} ${done}` : name;

/** While it trains: epoch, loss, newest validation accuracy, speed, what it does beside its steps, time left. */
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

/** Once it has ended. */
export function finishedLine(run: RunView): string {
  const took =
    run.startedAt && run.finishedAt
      ? `  in ${formatSeconds((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000)}`
      : '';
  if (run.state === 'succeeded')
    return `${runName(run)}  succeeded  val ${percent(run.valAccuracy)}  test ${percent(run.testAccuracy)}${took}`;
  const why = run.message?.split('\n')[0] ?? '';
  return `${runName(run)}  ${run.state}${run.cause && run.cause !== run.state ? ` (${run.cause})` : ''}${why ? `: ${why}` : ''}`;
}
