/** The stored results of a study as runs that another installation can keep. */
import { Environment, type ImportedRun, isFinished, type ScaleName, type Spec, UserError } from '@ablate/contracts';
import type { Point } from '@ablate/search';
import { choiceOf, plannedSweeps } from './plan.ts';
import { type CurveRow, type RunRow, readResults } from './results.ts';
import type { Study } from './study.ts';
import { answeredSweep } from './study-answer.ts';

export type StoredSweep = { name: string; spec: Spec; points: Point[]; runs: ImportedRun[] };

/** What the attempt ran on; null if the rows do not tell it all. */
function environmentOf(row: RunRow): Environment | null {
  const { code, lockfile, node, tensorflow, device, instruction_sets: sets, one_dnn: oneDnn, precision, threads } = row;
  const parsed = Environment.safeParse({
    ...{ code, lockfile, node, tensorflow, device, precision, threads },
    instructionSets: sets === null || sets === '' ? [] : sets.split(' '),
    oneDnn: oneDnn === 'true',
  });
  return parsed.success ? parsed.data : null;
}

function runOf(row: RunRow, curves: readonly CurveRow[], origin: string): ImportedRun {
  const { position, seed, state, cause } = row;
  if (!isFinished(state)) throw new UserError(`the results have a run that is ${state}: run the study again`);
  return {
    ...{ position, seed, state, cause },
    seconds: (row.useful_seconds ?? 0) + (row.lost_seconds ?? 0),
    finishedAt: row.finished ?? new Date(0).toISOString(),
    valAccuracy: row.val_accuracy,
    valLoss: row.val_loss,
    trainAccuracy: row.train_accuracy,
    testAccuracy: row.test_accuracy,
    testLoss: row.test_loss,
    bestEpoch: row.best_epoch,
    samplesPerSecond: row.samples_per_second,
    totalSteps: row.total_steps,
    epochs: row.epochs,
    parameters: row.parameters,
    datasetHash: row.dataset_hash,
    notes: [...row.notes, origin],
    environment: environmentOf(row),
    metrics: curves
      .filter((point) => point.position === position && point.seed === seed)
      .map(({ metric: name, step, epoch, value }) => ({ name, step, epoch, value })),
  };
}

/** Null if the study has no stored rows of runs at this scale. @throws UserError if they are not of the study as it is now */
export async function storedSweeps(study: Study, scale: ScaleName): Promise<StoredSweep[] | null> {
  const results = await readResults(study.folder, scale);
  if (results === null || results.runs.length === 0) return null;
  return plannedSweeps(study, choiceOf(study, scale, results)).map((planned) => {
    const { name, spec, points } = planned;
    const { rows } = answeredSweep(planned, results.runs);
    const curves = results.curves.filter(({ sweep }) => sweep === name);
    const origin = `imported from the stored results of the study ${study.name} (${scale}): not trained by this installation`;
    return {
      ...{ name, points },
      spec: { ...spec, name: `${spec.name}, imported` },
      runs: rows.map((row) => runOf(row, curves, origin)),
    };
  });
}
