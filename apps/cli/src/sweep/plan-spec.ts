/** The plan of a spec: by the API, which has measured earlier runs, or without it. */
import { buildPlan, workOf } from '@ablate/answers';
import type { Api } from '@ablate/client';
import { datasetFacts, type Spec, type SweepPlan, UserError } from '@ablate/contracts';
import { modelCost } from '@ablate/models/count';
import type { Point } from '@ablate/search';
import { expectedSearch } from '@ablate/sweeps/expected';

/** The plan of a checked spec. An API that does not answer, or is of another version, is not needed. */
export async function planSpec(
  { spec, points, written }: { spec: Spec; points: readonly Point[]; written: unknown },
  api: Api,
): Promise<SweepPlan> {
  try {
    return (await api.sweeps.plan(written)).plan;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  const dataset = points[0]?.config.dataset ?? spec.dataset;
  return buildPlan({
    expected: expectedSearch(spec, points),
    work: workOf(points, modelCost),
    seeds: spec.seeds.length,
    metric: spec.compare.metric,
    dataset: { name: dataset.name, testImages: datasetFacts(dataset).testImages },
    history: null,
  });
}
