/** `ablate study run`: submits the sweeps of a study, follows them, measures, and writes the report. */
import { type Api, all } from '@ablate/client';
import { canonicalJson, count, type SweepView, UserError } from '@ablate/contracts';
import {
  type Choice,
  type PlannedSweep,
  plannedSweeps,
  resultsFolder,
  type Study,
  sweepPoints,
  writeResults,
} from '@ablate/studies';
import { apiOf, type Context } from '../command.ts';
import { openScreen } from '../screen.ts';
import { watchSweep } from '../sweep/watch.ts';
import { collect } from './collect.ts';
import type { Measured, MeasureOptions, TrainedConfig } from './measures/measure.ts';
import { MEASURES } from './measures/measures.ts';
import { cannotWrite, type Written, writeReport } from './write-report.ts';

export type RunOptions = Choice & { folder: string; measure: MeasureOptions };

type Trained = {
  files: Measured;
  configs: TrainedConfig[];
  /** What to do about runs that did not succeed; null if all did. */
  remedy: string | null;
};

const NOTHING: Trained = { files: new Map(), configs: [], remedy: null };

/** The first succeeded run of each config of a sweep. */
async function trainedConfigs(api: Api, sweepId: string, planned: PlannedSweep): Promise<TrainedConfig[]> {
  const runs = (await all(api.sweeps.runs(sweepId, { state: 'succeeded' }))).toSorted((a, b) => a.seed - b.seed);
  return sweepPoints(planned).flatMap(({ name, axes, position }) => {
    const run = runs.find((one) => canonicalJson(one.axes) === canonicalJson(axes));
    return run ? [{ id: run.configId, position, axes, name, runId: run.id }] : [];
  });
}

/** Submits the sweeps, or finds those of an earlier command, and follows them one after the other. */
async function train(study: Study, choice: Choice, context: Context): Promise<Trained> {
  const planned = plannedSweeps(study, choice);
  const [first] = planned;
  if (first === undefined) return NOTHING;
  const api = await apiOf(context);
  const sweeps = new Map<string, SweepView>();
  for (const { name, spec, key } of planned) {
    const sweep = await api.sweeps.create(spec, key);
    sweeps.set(name, sweep);
    context.log(`${sweep.id}  ${spec.name}`);
  }
  const screen = openScreen(process.stderr);
  let failed = 0;
  try {
    for (const { id } of sweeps.values()) {
      const { runs } = await watchSweep(api, id, { screen, signal: context.signal });
      failed += runs.filter(({ state }) => state !== 'succeeded').length;
    }
  } catch (error) {
    if (context.signal.aborted) context.log('the study continues: the same command follows it again');
    throw error;
  }
  const retry = [...sweeps.values()].map(({ id }) => `\`ablate retry ${id}\``).join(', ');
  return {
    files: new Map(await collect(api, study, sweeps)),
    configs: await trainedConfigs(api, sweeps.get(first.name)?.id ?? '', first),
    remedy: failed === 0 ? null : `${count(failed, 'run')} did not succeed: ${retry}, then run the study again`,
  };
}

/** The whole study. Resolves to the files of its report. @throws UserError after the report if a run did not succeed */
export async function runStudy(
  study: Study,
  { folder, measure, ...choice }: RunOptions,
  context: Context,
): Promise<Written> {
  const results = resultsFolder(folder, choice.scale);
  const { files, configs, remedy } = await train(study, choice, context);
  for (const name of study.text.measures)
    for (const [file, content] of await MEASURES[name]({ study, choice, trained: configs, options: measure, context }))
      files.set(file, content);
  try {
    await writeResults(results, files);
  } catch (error) {
    throw cannotWrite(results, error);
  }
  const written = await writeReport(study, choice, { folder, html: true });
  if (remedy !== null) throw new UserError(`${remedy}. The report without them: ${written.markdown}`);
  return written;
}
