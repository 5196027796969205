/** Writes a sweep that was trained elsewhere, with the results of its runs. */
import type { ImportedRun, Spec, SweepView } from '@ablate/contracts';
import { IMPORTER, inTransaction } from '@ablate/db';
import type { Point } from '@ablate/search';
import type { Context } from './context.ts';
import { findSubmission, type Submission, writeSweep } from './create-sweep.ts';

const BEGIN = `
  WITH begun AS (
    UPDATE run SET state = 'running', attempt = 1, started_at = given."finishedAt" - make_interval(secs => given.seconds)
    FROM jsonb_to_recordset($2) AS given(position integer, seed integer, seconds float8, "finishedAt" timestamptz)
    JOIN config ON config.sweep_id = $1 AND config.position = given.position
    WHERE run.config_id = config.id AND run.seed = given.seed
    RETURNING run.id, given.position, given.seed, run.started_at
  )
  INSERT INTO attempt (run_id, number, worker, started_at, ended_at, cause, total_steps, epochs, parameters, dataset_hash, notes, environment)
  SELECT begun.id, 1, $3, begun.started_at, given."finishedAt", given.cause::cause, given."totalSteps", given.epochs,
    given.parameters, given."datasetHash", ARRAY(SELECT jsonb_array_elements_text(given.notes)), nullif(given.environment, 'null'::jsonb)
  FROM begun JOIN jsonb_to_recordset($2) AS given(position integer, seed integer, cause text, "finishedAt" timestamptz,
    "totalSteps" integer, epochs integer, parameters bigint, "datasetHash" text, notes jsonb, environment jsonb)
    ON given.position = begun.position AND given.seed = begun.seed`;

const MEASURE = `
  INSERT INTO metric (run_id, name, step, epoch, value, attempt)
  SELECT run.id, point.name, point.step, point.epoch, point.value, 1
  FROM jsonb_to_recordset($2) AS given(position integer, seed integer, metrics jsonb)
  JOIN config ON config.sweep_id = $1 AND config.position = given.position
  JOIN run ON run.config_id = config.id AND run.seed = given.seed
  CROSS JOIN LATERAL jsonb_to_recordset(given.metrics) AS point(name text, step integer, epoch float8, value float8)`;

const FINISH = `
  UPDATE run SET state = given.state::run_state, cause = given.cause::cause, finished_at = given."finishedAt",
    val_accuracy = given."valAccuracy", val_loss = given."valLoss", train_accuracy = given."trainAccuracy",
    test_accuracy = given."testAccuracy", test_loss = given."testLoss", best_epoch = given."bestEpoch",
    samples_per_second = given."samplesPerSecond"
  FROM jsonb_to_recordset($2) AS given(position integer, seed integer, state text, cause text, "finishedAt" timestamptz,
    "valAccuracy" float8, "valLoss" float8, "trainAccuracy" float8, "testAccuracy" float8, "testLoss" float8,
    "bestEpoch" integer, "samplesPerSecond" float8)
  JOIN config ON config.sweep_id = $1 AND config.position = given.position
  WHERE run.config_id = config.id AND run.seed = given.seed`;

/**
 * Writes a finished sweep, all or nothing: no worker ever sees its runs. Their attempts are of the worker `import`, and their notes say
 * where the figures come from. A repeated submission returns the first sweep.
 */
export async function importSweep(
  context: Context,
  {
    spec,
    points,
    submission,
    runs,
  }: { spec: Spec; points: readonly Point[]; submission: Submission; runs: readonly ImportedRun[] },
): Promise<SweepView> {
  const given = JSON.stringify(runs);
  await inTransaction(context.db, async (client) => {
    const sweep = await writeSweep(client, { spec, points, submission });
    if (sweep === null) return;
    await client.query('DELETE FROM outbox WHERE sweep_id = $1', [sweep.id]);
    await client.query(BEGIN, [sweep.id, given, IMPORTER]);
    await client.query(MEASURE, [sweep.id, given]);
    await client.query(FINISH, [sweep.id, given]);
  });
  const found = await findSubmission(context, submission);
  if (!found) throw new Error('an imported sweep was neither written nor found');
  return found;
}
