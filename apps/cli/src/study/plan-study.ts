/** `ablate study plan`: what a study would train, and how long that may take. */
import { deviceTime } from '@ablate/answers';
import { count, ScaleName } from '@ablate/contracts';
import {
  type Choice,
  type PlannedSweep,
  plannedSweeps,
  type RunRow,
  readResults,
  type Study,
  sweepPoints,
} from '@ablate/studies';
import { formatTable } from '../table.ts';

/** Training images that a run sees. */
const seen = ({ samples, epochs }: { samples: number | null; epochs: number }): number | null =>
  samples === null ? null : samples * epochs;

/** Seconds of a run for each training image that it sees, by config, from stored results. */
function pace(rows: readonly RunRow[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) {
    const images = seen(row);
    if (row.useful_seconds !== null && images) found.set(`${row.sweep} ${row.position}`, row.useful_seconds / images);
  }
  return found;
}

/** Device seconds of all runs; null without results of every config. Evaluation is counted as training, so it is about right. */
function estimate(planned: readonly PlannedSweep[], rows: readonly RunRow[]): number | null {
  const paces = pace(rows);
  let sum = 0;
  for (const { name, spec, points } of planned)
    for (const [position, { config }] of points.entries()) {
      const seconds = paces.get(`${name} ${position}`);
      const images = seen({ samples: config.dataset.samples ?? null, epochs: config.train.epochs });
      if (seconds === undefined || images === null) return null;
      sum += seconds * images * spec.seeds.length;
    }
  return sum;
}

/** The configs, the number of runs, and the time if stored results tell it. */
export async function planText(study: Study, choice: Choice): Promise<string> {
  const planned = plannedSweeps(study, choice);
  if (planned.length === 0) return `study ${study.name} trains nothing: it measures ${study.text.measures.join(', ')}`;
  const parts = planned.map((sweep) => {
    const rows = sweepPoints(sweep).map(({ position, name }) => [position, name]);
    const { points, spec } = sweep;
    const { dataset, train } = points[0]?.config ?? {};
    const runs = count(points.length * spec.seeds.length, 'run');
    return [
      spec.name,
      formatTable(['#', 'config'], rows),
      `${count(points.length, 'config')} × ${count(spec.seeds.length, 'seed')} = ${runs}, ${dataset?.samples?.toLocaleString('en-US') ?? 'all'} images of ${dataset?.name}, ${count(train?.epochs ?? 0, 'epoch')} for the first config`,
    ].join('\n');
  });
  for (const scale of ScaleName.options) {
    const results = await readResults(study.folder, scale);
    const seconds = results && estimate(planned, results.runs);
    if (seconds) parts.push(`about ${deviceTime(seconds)} of device time, from the results at scale ${scale}`);
    if (seconds) break;
  }
  return [...parts, 'nothing was submitted'].join('\n\n');
}
