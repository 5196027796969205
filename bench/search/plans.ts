/** How far a plan's device time is from what a sweep took: the stored sweeps of the studies, each planned from those that were trained before it. */
import { buildPlan, datasetKey, evaluatedOf, type MeasuredRun, workOf } from '@ablate/answers';
import { modelCost } from '@ablate/models/count';
import { readStudies, type StoredSweep, storedSweeps } from '@ablate/studies';
import type { Measured } from './results.ts';

/** Of the ratio of planned to measured, either way. */
const CLOSE = 1.25;
const COVERED = 0.8;

const succeeded = ({ runs }: StoredSweep): StoredSweep['runs'] => runs.filter(({ state }) => state === 'succeeded');
const endOf = (sweep: StoredSweep): string =>
  succeeded(sweep).reduce((last, { finishedAt }) => (finishedAt > last ? finishedAt : last), '');

/** What the history of a service says of the runs of a sweep. */
const measuredRuns = (sweep: StoredSweep, name: string): MeasuredRun[] =>
  succeeded(sweep).flatMap(({ position, totalSteps, epochs, seconds }): MeasuredRun[] => {
    const config = sweep.points[position]?.config;
    if (!config || totalSteps === null || epochs === null) return [];
    const { model, dataset, train } = config;
    return [
      {
        ...{
          sweep: name,
          family: model.family,
          macs: modelCost(model).macs,
          dataset: datasetKey(dataset),
          epochs,
          seconds,
        },
        epochImages: (totalSteps / epochs) * train.batchSize,
        ...evaluatedOf(dataset),
      },
    ];
  });

/** `covered`: the interval of the plan holds what was measured. */
type Compared = { planned: number; seconds: number; covered: boolean };

/** Null if the plan has no estimate. */
function compare(sweep: StoredSweep, measured: readonly MeasuredRun[]): Compared | null {
  const seconds = succeeded(sweep).reduce((sum, run) => sum + run.seconds, 0);
  const { device } = buildPlan({
    work: workOf(sweep.points, modelCost),
    ...{ seeds: succeeded(sweep).length / sweep.points.length, metric: 'accuracy' },
    ...{ dataset: { name: 'cifar10' }, history: { measured, earlier: [] } },
  });
  return device && { planned: device.seconds, seconds, covered: device.low <= seconds && seconds <= device.high };
}

/** Two rows: the total, and how many intervals hold. */
export async function planMeasures(): Promise<(Omit<Measured, 'peer' | 'target' | 'met'> & Partial<Measured>)[]> {
  const stored = await Promise.all((await readStudies()).map((study) => storedSweeps(study, 'cpu')));
  const sweeps = stored
    .flatMap((of) => of ?? [])
    .filter((sweep) => succeeded(sweep).length > 0)
    .sort((a, b) => (endOf(a) < endOf(b) ? -1 : 1));
  const measured: MeasuredRun[] = [];
  const compared: Compared[] = [];
  for (const [number, sweep] of sweeps.entries()) {
    const one = compare(sweep, measured);
    if (one) compared.push(one);
    console.error(
      `  ${sweep.name}: ${one ? `${(one.planned / one.seconds).toFixed(2)} of what it took` : 'no estimate'}`,
    );
    measured.unshift(...measuredRuns(sweep, String(number)));
  }
  const n = `${compared.length} of ${sweeps.length} sweeps; the others had no run of their family before`;
  const total = (of: (one: Compared) => number): number => compared.reduce((sum, one) => sum + of(one), 0);
  const all = total(({ planned }) => planned) / total(({ seconds }) => seconds);
  const covered = total((one) => Number(one.covered)) / compared.length;
  const ratios = compared.map(({ planned, seconds }) => planned / seconds).sort((a, b) => a - b);
  const percent = (of: number): string => `${Math.round(100 * of)} %`;
  const at = (of: number): string => (ratios[Math.round(of * (ratios.length - 1))] ?? Number.NaN).toFixed(2);
  return [
    {
      ...{ measure: 'plan', what: 'device time as planned ÷ measured, all sweeps of the studies', n },
      measured: `${all.toFixed(2)}; by sweep ${at(0.5)}, tenth to nine tenths ${at(0.1)} to ${at(0.9)}`,
      ...{ target: '± 25 %', met: all <= CLOSE && all >= 1 / CLOSE },
    },
    {
      ...{ measure: 'plan', what: '… its interval holds what was measured', measured: percent(covered), n },
      ...{ target: `≥ ${percent(COVERED)}`, met: covered >= COVERED },
    },
  ];
}
