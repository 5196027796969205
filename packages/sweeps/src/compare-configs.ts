import {
  type AnswerConfig,
  buildComparison,
  type Described,
  marginOf,
  mcnemarTests,
  namedConfig,
} from '@ablate/answers';
import type { AnswerMetric, AnswerSplit, ConfigComparison } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import { type AnsweredSweep, inSnapshot, readAnsweredSweep } from './answered-sweep.ts';
import type { Context } from './context.ts';
import { readCorrectImages } from './correct-images.ts';
import { refusal } from './refusal.ts';

export type CompareRequest = {
  /** Ids of configs, or `sweep:name`: a sweep's id, and a position or values on axes. The first is the baseline. */
  configs: readonly string[];
  /** That of the first config's sweep unless given. */
  metric?: AnswerMetric;
  split: AnswerSplit;
};

const SweepOf = z.object({ sweepId: z.string() });

const DescribedRow = z.object({
  configId: z.string(),
  config: z.unknown(),
  datasetHashes: z.array(z.string()),
  environments: z.array(z.record(z.string(), z.unknown())),
});

const isUuid = (text: string): boolean => z.uuid().safeParse(text).success;

/** The sweep and the name of a config there. Refuses an unknown config. */
async function locate(client: pg.PoolClient, text: string): Promise<{ sweepId: string; name: string }> {
  const [sweepId = '', ...rest] = text.split(':');
  if (!isUuid(sweepId))
    throw refusal.invalidParameter('configs', `"${text.slice(0, 200)}" is not the id of a config or sweep:position`);
  if (rest.length > 0) return { sweepId, name: rest.join(':') };
  const [found] = await queryRows(client, SweepOf, 'SELECT sweep_id AS "sweepId" FROM config WHERE id = $1', [text]);
  if (found === undefined) throw refusal.unknown('config', text);
  return { sweepId: found.sweepId, name: text };
}

/** The parameters of configs, and the distinct data and environments of their runs' newest attempts. */
async function describe(client: pg.PoolClient, ids: readonly string[]): Promise<Map<string, Described>> {
  const rows = await queryRows(
    client,
    DescribedRow,
    `SELECT config.id AS "configId", config.config,
       coalesce(jsonb_agg(DISTINCT attempt.dataset_hash) FILTER (WHERE attempt.dataset_hash IS NOT NULL), '[]') AS "datasetHashes",
       coalesce(jsonb_agg(DISTINCT attempt.environment) FILTER (WHERE attempt.environment IS NOT NULL), '[]') AS environments
     FROM config LEFT JOIN run ON run.config_id = config.id
     LEFT JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
     WHERE config.id = ANY ($1::uuid[]) GROUP BY config.id`,
    [ids],
  );
  return new Map(rows.map(({ configId, ...described }) => [configId, described]));
}

/**
 * Configs of one sweep or of several against the first of them, and everything in which they differ. In one sweep the variance is pooled
 * over all of its configs, as in its answer. Refuses (`not_found`) an unknown sweep or config, (`invalid_parameter`) a bad name.
 */
export const compareConfigs = (
  context: Context,
  { configs, metric: asked, split }: CompareRequest,
): Promise<ConfigComparison> =>
  inSnapshot(context, async (client) => {
    const sweeps = new Map<string, AnsweredSweep>();
    const chosen: { config: AnswerConfig; sweep: AnsweredSweep }[] = [];
    for (const text of configs) {
      const { sweepId, name } = await locate(client, text);
      const first = sweeps.values().next().value;
      const metric = asked ?? first?.metric;
      const sweep =
        sweeps.get(sweepId) ?? (await readAnsweredSweep(client, sweepId, { ...(metric ? { metric } : {}), split }));
      sweeps.set(sweepId, sweep);
      const config = namedConfig(sweep.configs, name);
      if (config === undefined)
        throw refusal.invalidParameter('configs', `no config of sweep ${sweepId} is "${name.slice(0, 200)}"`);
      if (chosen.some((one) => one.config.id === config.id))
        throw refusal.invalidParameter('configs', `config ${config.id} is given twice`);
      chosen.push({ config, sweep });
    }
    const [first] = chosen;
    if (first === undefined) throw refusal.invalidParameter('configs', 'name at least two configs');
    const described = await describe(
      client,
      chosen.map(({ config }) => config.id),
    );
    const ids = chosen.map(({ config }) => config.id);
    const correct = await readCorrectImages(client, { configs: ids, split });
    const basis = sweeps.size === 1 ? 'sweep' : 'configs';
    const { metric, spec } = first.sweep;
    return buildComparison({
      chosen: chosen.map(({ config, sweep: { id, name } }) => ({
        config,
        sweep: { id, name },
        described: described.get(config.id) ?? { config: null, datasetHashes: [], environments: [] },
      })),
      values:
        basis === 'sweep'
          ? first.sweep.values
          : new Map(chosen.map(({ config, sweep }) => [config.id, sweep.values.get(config.id) ?? new Map()])),
      basis,
      ids: (basis === 'sweep' ? first.sweep.configs : chosen.map(({ config }) => config)).map(({ id }) => id),
      planned: spec.seeds.length,
      margin: marginOf(spec, metric),
      metric,
      split,
      mcnemar: correct === undefined ? [] : mcnemarTests(correct, first.config.id, ids),
    });
  });
