import { type AnswerMetric, Compare, HistoryEntry, isFinished, RunState, type TrialView } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { mean } from '@ablate/statistics';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { refusal } from '../refusal.ts';

const Row = z.object({
  metric: z.unknown(),
  configId: z.string(),
  config: z.unknown(),
  asked: HistoryEntry,
  told: HistoryEntry.nullable(),
});
const RunRow = z.object({
  id: z.string(),
  seed: z.int(),
  state: RunState,
  valAccuracy: z.number().nullable(),
  valLoss: z.number().nullable(),
});
type RunRow = z.infer<typeof RunRow>;

const validationOf = (run: RunRow, metric: AnswerMetric): number | null =>
  run.state !== 'succeeded' ? null : metric === 'loss' ? run.valLoss : run.valAccuracy;

/** What is known of a trial that is trained, once none of its runs goes on. */
function trained(runs: TrialView['runs']): Pick<TrialView, 'state' | 'value'> {
  const values = runs.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === runs.length) return { state: 'done', value: mean(values) };
  return { state: runs.every(({ state }) => isFinished(state)) ? 'failed' : 'waiting', value: null };
}

/** A config of a search, with its runs, and its value as soon as there is one. Refuses (`not_found`) an unknown sweep and an unknown trial. */
export async function findTrial(
  { db }: Context,
  { sweepId, trial }: { sweepId: string; trial: number },
): Promise<TrialView> {
  const [row] = await queryRows(
    db.pool,
    Row,
    `SELECT sweep.spec -> 'compare' AS metric, config.id AS "configId", config.config, decision.entry AS asked,
       (SELECT entry FROM decision told WHERE told.sweep_id = $1 AND told.kind = 'tell' AND told.config = $2) AS told
     FROM decision JOIN config ON config.sweep_id = $1 AND config.position = $2 JOIN sweep ON sweep.id = $1
     WHERE decision.sweep_id = $1 AND decision.kind = 'config' AND decision.config = $2`,
    [sweepId, trial],
  );
  if (row === undefined || !('decision' in row.asked) || row.asked.decision.kind !== 'config')
    throw refusal.unknown('trial', `${trial} of sweep ${sweepId}`);
  const { metric } = Compare.prefault({}).parse(row.metric ?? undefined);
  const found = await queryRows(
    db.pool,
    RunRow,
    `SELECT id, seed, state, val_accuracy AS "valAccuracy", val_loss AS "valLoss" FROM run WHERE config_id = $1 ORDER BY position`,
    [row.configId],
  );
  const runs = found.map((run) => ({ id: run.id, seed: run.seed, state: run.state, value: validationOf(run, metric) }));
  const { by, axes } = row.asked.decision;
  const value = row.told && 'tell' in row.told ? row.told.tell.value : null;
  const told = { state: row.told === null ? 'waiting' : value === null ? 'failed' : 'done', value } as const;
  return {
    trial,
    by,
    axes,
    config: row.config,
    configId: row.configId,
    ...(runs.length > 0 ? trained(runs) : told),
    runs,
  };
}
