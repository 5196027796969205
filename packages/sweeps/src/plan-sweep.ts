/** Plans a sweep: its configs, their cost, and which differences its seeds can show. Nothing is written. */
import { buildPlan } from '@ablate/answers';
import { datasetFacts, namesConfigsFirst, type Plan } from '@ablate/contracts';
import { modelCost } from '@ablate/models/count';
import type { Context } from './context.ts';
import { countReusable, readEarlierSweeps, readMeasuredRuns } from './read-history.ts';
import { pointsOrRefuse, readOrRefuse, type Written } from './submit.ts';

const LISTED = 20;

/** Plans a sweep without submitting it. Refuses a spec that is not JSON (`malformed`) or cannot be expanded (`invalid_spec`). */
export async function planSweep(context: Context, { text, reader, signal }: Written): Promise<Plan> {
  const { reading, work, expected } = await reader.plan(text, signal);
  const { spec, expansion } = readOrRefuse(reading);
  const points = pointsOrRefuse(expansion);
  const space = 'points' in expansion && {
    ...{ seen: expansion.seen, valid: expansion.valid, unique: points.length, rejected: expansion.rejected },
  };
  const { dataset, train } = points[0]?.config ?? {};
  const { metric } = spec.compare;
  const name = dataset?.name ?? spec.dataset.name;
  const length = { samples: dataset?.samples ?? null, epochs: train?.epochs ?? 1 };
  const [measured, earlier, answered] = await Promise.all([
    readMeasuredRuns(context, [...new Set(work.map(({ family }) => family))]),
    readEarlierSweeps(context, { dataset: name, metric, length }),
    // What a search draws is not known yet.
    spec.reuse === false || !namesConfigsFirst(spec.search)
      ? 0
      : countReusable(context, { hashes: points.map(({ hash }) => hash), seeds: spec.seeds }),
  ]);
  const testImages = dataset && datasetFacts(dataset).testImages;
  return {
    configs: expected?.configs ?? points.length,
    runs: expected?.runs ?? points.length * spec.seeds.length,
    ...(space && { space }),
    answered,
    points: points.slice(0, LISTED).map((point) => {
      const { macs, parameters } = modelCost(point.config.model);
      return { ...point, macs, parameters };
    }),
    plan: buildPlan({
      ...{ work, expected, answered, seeds: spec.seeds.length, metric },
      dataset: { name, testImages },
      history: { measured, earlier },
    }),
  };
}
