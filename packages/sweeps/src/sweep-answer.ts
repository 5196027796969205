import { type AnswerInput, disagreementsOf, namedConfig } from '@ablate/answers';
import { type Answer, type AnswerMetric, type AnswerSplit, Cause, Counts, RunState } from '@ablate/contracts';
import { queryRows, TRAINED_SECONDS } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import type { AnswerBuilder } from './answer-builder.ts';
import { type AnsweredSweep, inSnapshot, readAnsweredSweep } from './answered-sweep.ts';
import type { Context } from './context.ts';
import { readCorrectImages } from './correct-images.ts';
import { refusal } from './refusal.ts';

export type AnswerRequest = {
  sweepId: string;
  /** That of the spec unless given. */
  metric?: AnswerMetric;
  split: AnswerSplit;
  /** A config's id, position, or values on axes. That of the spec unless given. */
  baseline?: string;
  /** Maximum number of rows. */
  limit: number;
};

const TotalsRow = z.object({
  ...Counts.shape,
  usefulSeconds: z.number().nullable(),
  lostSeconds: z.number().nullable(),
  prunedSeconds: z.number().nullable(),
  reusedRuns: z.int(),
  reusedSeconds: z.number().nullable(),
  medianSeconds: z.number().nullable(),
});

const FailureRow = z.object({
  state: RunState,
  cause: Cause.nullable(),
  runs: z.int(),
  message: z.string().nullable(),
});

/** Characters of a failure's message, and the number of notes. */
const MESSAGE_CHARACTERS = 300;
const MAX_NOTES = 20;

/** Runs by state, and what they cost. */
async function readTotals(client: pg.PoolClient, sweepId: string) {
  const counts = RunState.options.map((state) => `count(*) FILTER (WHERE state = '${state}')::integer AS ${state}`);
  const [totals] = await queryRows(
    client,
    TotalsRow,
    `SELECT ${counts.join(', ')}, sum(useful_seconds) AS "usefulSeconds", sum(lost_seconds) AS "lostSeconds",
       sum(useful_seconds) FILTER (WHERE state = 'pruned') AS "prunedSeconds",
       count(reused_from)::integer AS "reusedRuns", sum(reused_seconds) AS "reusedSeconds",
       percentile_cont(0.5) WITHIN GROUP (ORDER BY ${TRAINED_SECONDS}) FILTER (WHERE state = 'succeeded') AS "medianSeconds"
     FROM run WHERE sweep_id = $1`,
    [sweepId],
  );
  if (totals === undefined) throw new Error('an aggregate without GROUP BY has one row');
  return totals;
}

/** Runs without a result by state and cause, with one message each. */
const readFailures = (client: pg.PoolClient, sweepId: string) =>
  queryRows(
    client,
    FailureRow,
    `SELECT state, cause, count(*)::integer AS runs, left(min(message), ${MESSAGE_CHARACTERS}) AS message FROM run
     WHERE sweep_id = $1 AND state IN ('failed', 'cancelled', 'pruned') GROUP BY state, cause ORDER BY runs DESC, state, cause`,
    [sweepId],
  );

const NoteRow = z.object({ note: z.string() });

const readNotes = async (client: pg.PoolClient, sweepId: string): Promise<string[]> => {
  const rows = await queryRows(
    client,
    NoteRow,
    `SELECT DISTINCT noted.note FROM (
       SELECT DISTINCT attempt.notes FROM run JOIN attempt ON attempt.run_id = run.id
       WHERE run.sweep_id = $1 AND attempt.notes <> '{}'
     ) same CROSS JOIN LATERAL unnest(same.notes) AS noted(note) ORDER BY noted.note LIMIT ${MAX_NOTES}`,
    [sweepId],
  );
  return rows.map(({ note }) => note);
};

/** The config that a request names as the baseline. Refuses (`invalid_parameter`) one that the sweep does not have. */
function baselineOf({ configs, baseline }: AnsweredSweep, name: string | undefined): AnsweredSweep['baseline'] {
  if (name === undefined) return baseline;
  const config = namedConfig(configs, name);
  if (config === undefined)
    throw refusal.invalidParameter(
      'baseline',
      `no config of the sweep is "${name.slice(0, 200)}": use a configId or position of its answer, or values such as patchSize=8,ordering=preNorm`,
    );
  return { id: config.id, found: true, mostSeeds: false };
}

/** The answer of a sweep. Refuses (`not_found`) an unknown id, (`invalid_parameter`) a figure or a baseline that it does not have. */
export async function sweepAnswer(
  context: Context,
  { builder, ...request }: AnswerRequest & { builder: AnswerBuilder },
): Promise<Answer> {
  const input = await inSnapshot(context, async (client): Promise<AnswerInput> => {
    const sweep = await readAnsweredSweep(client, request.sweepId, request);
    const baseline = baselineOf(sweep, request.baseline);
    const { usefulSeconds, lostSeconds, prunedSeconds, reusedRuns, reusedSeconds, medianSeconds, ...counts } =
      await readTotals(client, sweep.id);
    const configs = sweep.configs.map(({ id }) => id);
    const correct =
      sweep.metric === 'accuracy' ? await readCorrectImages(client, { configs, split: sweep.split }) : undefined;
    return {
      sweep: { id: sweep.id, name: sweep.name },
      spec: sweep.spec,
      configs: sweep.configs,
      values: sweep.values,
      baseline,
      metric: sweep.metric,
      split: sweep.split,
      counts,
      cost: {
        ...{ usefulSeconds: usefulSeconds ?? 0, lostSeconds: lostSeconds ?? 0, prunedSeconds: prunedSeconds ?? 0 },
        ...{ reusedRuns, reusedSeconds: reusedSeconds ?? 0, medianSeconds },
      },
      failures: await readFailures(client, sweep.id),
      notes: await readNotes(client, sweep.id),
      ...(correct && baseline ? { disagreements: disagreementsOf(correct, baseline.id) } : {}),
      limit: request.limit,
    };
  });
  return builder.build(input);
}

const StampRow = z.object({ numbered: z.string().nullable(), unnumbered: z.string().nullable() });

/**
 * What changes whenever the runs of a sweep do: its last event, numbered or not. Every change of a run writes an event in the same
 * transaction. Refuses (`not_found`) an unknown id.
 */
export async function sweepStamp({ db }: Context, sweepId: string): Promise<string> {
  const [stamp] = await queryRows(
    db.pool,
    StampRow,
    `SELECT (SELECT max(number)::text FROM event WHERE sweep_id = $1) AS numbered,
       (SELECT max(id)::text FROM event WHERE sweep_id = $1 AND number IS NULL) AS unnumbered
     FROM sweep WHERE id = $1`,
    [sweepId],
  );
  if (stamp === undefined) throw refusal.unknown('sweep', sweepId);
  return `${stamp.numbered ?? 0}.${stamp.unnumbered ?? 0}`;
}
