/** Invariants of a finished sweep, whatever faults occurred: checked with SQL and in the checkpoint folder. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Config } from '@ablate/contracts';
import type { Installation } from '@ablate/harness/installation';

/** Invariants of runs in any state, after each transaction. As below. */
const ALWAYS: Record<string, string> = {
  'a queued run does not have exactly one row in the outbox, for its next attempt, or another run has one': `
    SELECT run.id, run.state, run.attempt, outbox.attempt AS next FROM run LEFT JOIN outbox ON outbox.run_id = run.id
    WHERE run.sweep_id = ANY($1) AND ((run.state = 'queued') <> (outbox.run_id IS NOT NULL) OR outbox.attempt <> run.attempt + 1)`,
  'a run is held in the outbox although it is not paused, or the reverse': `
    SELECT run.id, held, paused_at FROM outbox JOIN run ON run.id = run_id
    WHERE run.sweep_id = ANY($1) AND held <> (paused_at IS NOT NULL)`,
  'a running run does not have exactly one open attempt, its last, or another run has one': `
    SELECT run.id, run.state, run.attempt, array_agg(number) AS open
    FROM run LEFT JOIN attempt ON run_id = run.id AND ended_at IS NULL
    WHERE run.sweep_id = ANY($1) GROUP BY run.id
    HAVING array_remove(array_agg(number), NULL) <> CASE WHEN run.state = 'running' THEN ARRAY[run.attempt] ELSE '{}' END`,
  'a cancelled sweep has a run that goes on': `
    SELECT run.id, run.state FROM run JOIN sweep ON sweep.id = run.sweep_id
    WHERE run.sweep_id = ANY($1) AND cancelled_at IS NOT NULL
      AND (run.state = 'queued' OR run.state = 'running' AND cancel_requested_at IS NULL)`,
  'a run has the end of a finished run, or lacks it': `
    SELECT id, state, cause, finished_at FROM run WHERE sweep_id = ANY($1)
      AND ((state IN ('queued', 'running')) <> (finished_at IS NULL) OR (finished_at IS NULL) <> (cause IS NULL))`,
  'a run that does not run is asked to stop': `
    SELECT id, state, stop_reason FROM run WHERE sweep_id = ANY($1)
      AND (state <> 'running' AND stop_reason IS NOT NULL OR state = 'queued' AND cancel_requested_at IS NOT NULL)`,
  'the event log does not follow the states of a run': `
    SELECT run_id, before, state, previous FROM (
      SELECT event.*, lag(state, 1, 'queued') OVER turns AS previous,
        lead(state) OVER turns AS next, (SELECT run.state::text FROM run WHERE id = run_id) AS now
      FROM event WHERE sweep_id = ANY($1) AND subject = 'run' WINDOW turns AS (PARTITION BY run_id ORDER BY id)
    ) logged WHERE before <> previous OR next IS NULL AND state <> now`,
};

/** Each statement, with sweep ids as $1, returns the rows that violate its invariant. */
const INVARIANTS: Record<string, string> = {
  'a run is not finished, or did not succeed without being cancelled': `
    SELECT run.id, run.state, run.cause, run.message FROM run JOIN sweep ON sweep.id = run.sweep_id
    WHERE run.sweep_id = ANY($1) AND NOT (finished_at IS NOT NULL AND (
      state = 'succeeded' AND run.cause = 'completed'
      -- The round checks that there are no more of these than faults that cause them.
      OR state = 'failed' AND run.cause = 'out_of_memory' AND run.message ~ 'MiB'
      OR state = 'cancelled' AND sweep.cancelled_at IS NOT NULL
      -- Three lost attempts in a row without a newer checkpoint.
      OR state = 'failed' AND run.cause = 'lost' AND 3 = (
        SELECT count(*) FROM attempt WHERE run_id = run.id AND number > run.attempt - 3 AND attempt.cause = 'lost')))`,
  'a run was not completed by exactly one attempt, its last': `
    SELECT run.id, run.state, run.attempt, array_agg(number || ' ' || coalesce(attempt.cause::text, 'open')) AS attempts
    FROM run LEFT JOIN attempt ON attempt.run_id = run.id WHERE run.sweep_id = ANY($1) GROUP BY run.id
    HAVING count(*) FILTER (WHERE attempt.cause = 'completed') <> (run.state = 'succeeded')::int
      OR coalesce(max(number) FILTER (WHERE attempt.cause = 'completed'), run.attempt) <> run.attempt`,
  'the event log does not have exactly one end, and one start for each attempt': `
    SELECT run.id, count(*) FILTER (WHERE event.state = ANY(final)) - count(*) FILTER (WHERE event.before = ANY(final)) AS ends
    FROM run LEFT JOIN event ON event.run_id = run.id AND subject = 'run'
    CROSS JOIN (SELECT ARRAY['succeeded', 'failed', 'cancelled', 'pruned'] AS final) AS states
    WHERE run.sweep_id = ANY($1) GROUP BY run.id
    HAVING count(*) FILTER (WHERE event.state = ANY(final)) - count(*) FILTER (WHERE event.before = ANY(final)) <> 1
      OR count(*) FILTER (WHERE event.before = 'queued' AND event.state = 'running') <> run.attempt`,
  'attempts are not consecutive, have not ended, or overlap': `
    SELECT run_id, number, started_at, ended_at, before FROM (
      SELECT attempt.*, lag(ended_at) OVER turns AS before, row_number() OVER turns AS rank
      FROM attempt JOIN run ON run.id = run_id WHERE run.sweep_id = ANY($1) WINDOW turns AS (PARTITION BY run_id ORDER BY number)
    ) turn WHERE number <> rank OR ended_at IS NULL OR ended_at < started_at OR before > started_at`,
  'metric steps are missing': `
    SELECT run.id, count(*), count(DISTINCT name), config #> '{train,epochs}' AS epochs
    FROM run JOIN config ON config.id = config_id LEFT JOIN metric_point AS metric ON metric.run_id = run.id
    WHERE run.sweep_id = ANY($1) AND run.state = 'succeeded' GROUP BY run.id, config.config
    HAVING count(*) <> 6 * (config #>> '{train,epochs}')::int OR count(DISTINCT name) <> 6`,
  'a metric is duplicate': `
    SELECT run_id, name, step FROM metric_point AS metric JOIN run ON run.id = run_id WHERE run.sweep_id = ANY($1)
    GROUP BY run_id, name, step HAVING count(*) > 1`,
  // An attempt that resumed from a step rewrites all later steps: metrics of an older attempt there are stale.
  'a metric of a stale attempt replaced that of a newer one': `
    SELECT run.id, name, step, metric.attempt FROM metric_point AS metric JOIN run ON run.id = metric.run_id
    JOIN attempt ON attempt.run_id = run.id AND number = run.attempt
    WHERE run.sweep_id = ANY($1) AND run.state = 'succeeded' AND step > coalesce(resumed_from, 0) AND metric.attempt <> number`,
  // Only an attempt that was stopped after an epoch's last step leaves that epoch's evaluation to the next attempt.
  'a metric of an attempt that did not train its step': `
    SELECT run.id, name, step FROM metric_point AS metric JOIN run ON run.id = metric.run_id
    JOIN attempt ON attempt.run_id = run.id AND number = metric.attempt
    WHERE run.sweep_id = ANY($1) AND (total_steps IS NULL OR step < coalesce(resumed_from, 1) OR step = resumed_from AND NOT EXISTS (
      SELECT FROM attempt stopped WHERE stopped.run_id = run.id AND stopped.number < attempt.number
        AND stopped.message LIKE '%at step ' || resumed_from || ' of %'))`,
  'a checkpoint was recorded by an attempt that had ended': `
    SELECT checkpoint.id FROM checkpoint JOIN run ON run.id = checkpoint.run_id
    JOIN attempt ON attempt.run_id = run.id AND number = checkpoint.attempt
    WHERE run.sweep_id = ANY($1) AND (checkpoint.created_at > ended_at OR checkpoint.created_at < attempt.started_at)`,
  'a sweep had more attempts at once than its limit': `
    SELECT sweep.id, one.run_id, one.number, count(*) FROM attempt one JOIN run ON run.id = one.run_id
    JOIN sweep ON sweep.id = run.sweep_id JOIN run neighbour ON neighbour.sweep_id = sweep.id
    JOIN attempt other ON other.run_id = neighbour.id AND other.started_at <= one.started_at AND other.ended_at > one.started_at
    WHERE sweep.id = ANY($1) GROUP BY sweep.id, one.run_id, one.number HAVING count(*) > sweep.max_running`,
  'an owner had more attempts at once than its limit': `
    SELECT owner.name, one.run_id, one.number, count(*) FROM attempt one JOIN run ON run.id = one.run_id
    JOIN sweep ON sweep.id = run.sweep_id JOIN owner ON owner.name = sweep.owner JOIN sweep also ON also.owner = owner.name
    JOIN run neighbour ON neighbour.sweep_id = also.id
    JOIN attempt other ON other.run_id = neighbour.id AND other.started_at <= one.started_at AND other.ended_at > one.started_at
    WHERE sweep.id = ANY($1) GROUP BY owner.name, one.run_id, one.number HAVING count(*) > owner.max_running`,
  'a worker held more attempts at once than it has slots': `
    SELECT one.run_id, one.worker, count(*) FROM attempt one JOIN run ON run.id = one.run_id
    JOIN attempt other ON other.worker = one.worker AND other.started_at <= one.started_at AND other.ended_at > one.started_at
    WHERE run.sweep_id = ANY($1) AND one.cause NOT IN ('lost', 'superseded') AND other.cause NOT IN ('lost', 'superseded')
    GROUP BY one.run_id, one.number, one.worker HAVING count(*) > $2`,
};

export type Violation = { invariant: string; rows: unknown[] };

/** Every violation of the invariants that hold in any state, in these sweeps. */
export async function lifecycleViolations(rows: Installation['rows'], sweeps: string[]): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const [invariant, statement] of Object.entries(ALWAYS)) {
    const broken = await rows(statement, [sweeps]);
    if (broken.length > 0) found.push({ invariant, rows: broken });
  }
  return found;
}

/** Every violation in these sweeps; `slots` are those of each worker. */
export async function violations(
  { rows, checkpoints }: Installation,
  { sweeps, slots, expected }: { sweeps: string[]; slots: number; expected: Expected },
): Promise<Violation[]> {
  const asked = await Promise.all(
    Object.entries({ ...ALWAYS, ...INVARIANTS }).map(async ([invariant, statement]) => ({
      invariant,
      rows: await rows(statement, statement.includes('$2') ? [sweeps, slots] : [sweeps]),
    })),
  );
  const found = [
    ...asked,
    {
      invariant: 'metrics or results differ from those of an undisturbed run',
      rows: await differentFigures(rows, sweeps, expected),
    },
    { invariant: 'checkpoint files and rows differ', rows: await unmatchedFiles(rows, sweeps, checkpoints) },
  ];
  return found.filter((one) => one.rows.length > 0);
}

/** Metrics by `name step` and final accuracies of an undisturbed run. */
export type Expected = (
  config: Config,
  seed: number,
) => Promise<{ metrics: ReadonlyMap<string, number>; result: { valAccuracy: number; testAccuracy: number } }>;

async function differentFigures(rows: Installation['rows'], sweeps: string[], expected: Expected): Promise<unknown[]> {
  const runs = await rows<{
    id: string;
    config: unknown;
    seed: number;
    val: number;
    test: number;
    metrics: [string, number][];
  }>(
    `SELECT run.id, config, seed, val_accuracy AS val, test_accuracy AS test,
       (SELECT jsonb_agg(jsonb_build_array(name || ' ' || step, value)) FROM metric_point WHERE run_id = run.id) AS metrics
     FROM run JOIN config ON config.id = config_id WHERE run.sweep_id = ANY($1) AND state = 'succeeded'`,
    [sweeps],
  );
  const wrong: unknown[] = [];
  for (const { id, config, seed, val, test, metrics: found } of runs) {
    const { metrics, result } = await expected(Config.parse(config), seed);
    if (val !== result.valAccuracy || test !== result.testAccuracy) wrong.push({ id, val, test, result });
    const others = found.filter(([key, value]) => !key.startsWith('samplesPerSecond') && metrics.get(key) !== value);
    if (others.length > 0) wrong.push({ id, others: others.slice(0, 5) });
  }
  return wrong;
}

type Recorded = { run_id: string; files: [file: string, sha256: string][] | null };

/** Files without a row, and rows whose file is missing or has different bytes. */
async function unmatchedFiles(rows: Installation['rows'], sweeps: string[], folder: string): Promise<unknown[]> {
  const runs = await rows<Recorded>(
    `SELECT run.id AS run_id, (SELECT jsonb_agg(jsonb_build_array(file, sha256)) FROM any_checkpoint WHERE run_id = run.id) AS files
     FROM run WHERE sweep_id = ANY($1) AND state = 'succeeded'`,
    [sweeps],
  );
  const wrong: unknown[] = [];
  for (const { run_id: run, files } of runs) {
    const recorded = new Map(files ?? []);
    const present = await readdir(join(folder, run)).catch(() => []);
    const orphans = present.filter((file) => !recorded.has(file));
    if (orphans.length > 0) wrong.push({ run, orphans });
    for (const [file, sha256] of recorded) {
      const bytes = await readFile(join(folder, run, file)).catch(() => undefined);
      if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256) wrong.push({ run, file });
    }
  }
  return wrong;
}
