/**
 * Races searched for: pairs of verbs on one run, in either order. Rows of the run are locked, both verbs start and wait
 * for them or for each other, then the rows are released. Then the invariants hold, and every run can go on.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { collectGarbage, openCheckpointStore } from '@ablate/checkpoints';
import { type RunJob, RunState, Spec } from '@ablate/contracts';
import {
  askToYield,
  beat,
  claimRun,
  type Database,
  decline,
  dispatch,
  endAttempt,
  enforceBudgets,
  finishRun,
  namedFiles,
  openDatabase,
  queryRows,
  reapLost,
  recordCheckpoint,
  repairOutbox,
} from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { countedRandom, randomKey } from '@ablate/random';
import { expand, type Point } from '@ablate/search';
import {
  cancelRun,
  cancelSweep,
  createSweep,
  localContext,
  pauseRun,
  pauseSweep,
  Refusal,
  resumeRun,
  resumeSweep,
  retryRun,
  retrySweep,
} from '@ablate/sweeps';
import pg from 'pg';
import { z } from 'zod';
import { lifecycleViolations } from '../faults/invariants.ts';
import { LONG, SEED } from '../faults/settings.ts';
import { testDatabase } from '../support/postgres.ts';
import { checkpoint, RESULT } from './small-sweep.ts';

/** States of the run in which a verb has something to do. */
type Start = 'dispatched' | 'running' | 'silent' | 'failed' | 'paused' | 'pausedSweep';
type Situation = { sweepId: string; job: RunJob; folder: string };
type Verb = { from: Start; act: (db: Database, situation: Situation) => Promise<unknown> };

const LEASE = { leaseSeconds: 60 };
const ALL = { window: 1_000, room: 1_000 };

async function saveCheckpoint(db: Database, { job, folder }: Situation): Promise<void> {
  const file = `last-${job.attempt}-7.safetensors`;
  mkdirSync(join(folder, job.runId), { recursive: true });
  writeFileSync(join(folder, job.runId, file), 'x');
  await recordCheckpoint(db, { ...job, checkpoint: { ...checkpoint('last', 7), file, bytes: 1 } });
}

async function removeGarbage(db: Database, { folder }: Situation): Promise<void> {
  const store = await openCheckpointStore({ kind: 'file', folder }, db);
  await collectGarbage(db, store, { keep: { best: 0, last: 0 }, graceSeconds: 0, dryRun: false });
}

const VERBS: Record<string, Verb> = {
  claim: { from: 'dispatched', act: (db, { job }) => claimRun(db, { ...job, worker: 'w' }) },
  decline: { from: 'dispatched', act: (db, { job }) => decline(db, { ...job, message: 'not here', seconds: 0 }) },
  dispatch: { from: 'dispatched', act: (db) => dispatch(db, ALL) },
  repair: { from: 'dispatched', act: (db) => repairOutbox(db) },
  beat: { from: 'running', act: (db, { job }) => beat(db, job) },
  record: { from: 'running', act: saveCheckpoint },
  requeue: { from: 'running', act: (db, { job }) => endAttempt(db, { ...job, cause: 'preempted', message: 'test' }) },
  fail: { from: 'running', act: (db, { job }) => endAttempt(db, { ...job, cause: 'diverged', message: 'test' }) },
  finish: { from: 'running', act: (db, { job }) => finishRun(db, { ...job, result: RESULT }) },
  yield: { from: 'running', act: (db) => askToYield(db, { patienceSeconds: -1 }) },
  budget: { from: 'running', act: (db) => enforceBudgets(db) },
  reap: { from: 'silent', act: (db) => reapLost(db, LEASE) },
  gc: { from: 'failed', act: removeGarbage },
  'cancel run': { from: 'running', act: (db, { job }) => cancelRun(localContext(db), job.runId) },
  'cancel sweep': { from: 'running', act: (db, { sweepId }) => cancelSweep(localContext(db), sweepId) },
  'pause run': { from: 'running', act: (db, { job }) => pauseRun(localContext(db), job.runId) },
  'pause sweep': { from: 'running', act: (db, { sweepId }) => pauseSweep(localContext(db), sweepId) },
  'resume run': { from: 'paused', act: (db, { job }) => resumeRun(localContext(db), job.runId) },
  'resume sweep': { from: 'pausedSweep', act: (db, { sweepId }) => resumeSweep(localContext(db), sweepId) },
  'retry run': { from: 'failed', act: (db, { job }) => retryRun(localContext(db), job.runId) },
  'retry sweep': { from: 'failed', act: (db, { sweepId }) => retrySweep(localContext(db), { sweepId }) },
};

/** Rows that are locked until both verbs wait: the run, or what a verb writes after it has locked the run. */
const HELD = {
  run: ['SELECT FROM run WHERE id = $1 FOR UPDATE'],
  parts: ['SELECT FROM attempt WHERE run_id = $1 FOR UPDATE', 'SELECT FROM outbox WHERE run_id = $1 FOR UPDATE'],
};

type Case = { first: string; second: string; start: Start; held: keyof typeof HELD };

/** Every ordered pair, from the states in which one of the two has something to do, with either set of rows locked. */
const CASES: Case[] = Object.entries(VERBS).flatMap(([first, { from }]) =>
  Object.entries(VERBS).flatMap(([second, other]) =>
    [...new Set([from, other.from])].flatMap((start) =>
      (['run', 'parts'] as const).map((held) => ({ first, second, start, held })),
    ),
  ),
);

type Arena = { db: Database; first: Database; second: Database; holder: pg.Client; folder: string };

async function openArena(): Promise<Arena> {
  const drops: (() => Promise<void>)[] = []; // hooks run in the order of registration: close before the database is dropped
  const { url } = await testDatabase({ after: (done) => drops.push(done) });
  const named = (name: string) => `${url}?application_name=${name}`;
  const [db, first, second] = [named('test'), named('first'), named('second')].map((one) =>
    openDatabase({ url: one, max: 3 }),
  );
  assert.ok(db && first && second);
  const holder = new pg.Client({ connectionString: named('holder') });
  await holder.connect();
  const folder = temporaryFolder();
  after(async () => {
    await holder.end();
    await Promise.all([db.close(), first.close(), second.close()]);
    folder.remove();
    for (const drop of drops) await drop();
  });
  return { db, first, second, holder, folder: folder.path };
}

/** The same two sweeps for every case: a spec is parsed and expanded once. */
function planned(spec: z.input<typeof Spec>): { spec: Spec; points: Point[] } {
  const parsed = Spec.parse(spec);
  const expansion = expand(parsed);
  assert.ok('points' in expansion);
  return { spec: parsed, points: expansion.points };
}
const OWNER: z.input<typeof Spec> = { version: 1, name: 'race', owner: 'someone', seeds: [1] };
const RACED = planned({ ...OWNER, space: { 'model.depth': [1, 2] }, budget: { deviceHours: 1e-9 } });
const URGENT = planned({ ...OWNER, priority: 9 });

/** A run in this state, beside a second one; its sweep has used up its budget, and its owner waits with an urgent sweep. */
async function prepare({ db, folder }: Arena, start: Start): Promise<Situation & { urgent: string }> {
  const { id: sweepId } = await createSweep(localContext(db), RACED);
  await dispatch(db, ALL);
  const { rows } = await db.pool.query<RunJob>(
    'SELECT run_id AS "runId", attempt FROM outbox WHERE sweep_id = $1 ORDER BY position',
    [sweepId],
  );
  const job = rows[0]!;
  const situation = { sweepId, job, folder };
  if (start !== 'dispatched') {
    assert.ok(await claimRun(db, { ...job, worker: 'w' }));
    await saveCheckpoint(db, situation);
  }
  if (start === 'silent')
    await db.pool.query(`UPDATE run SET heartbeat_at = now() - interval '1 hour' WHERE id = $1`, [job.runId]);
  if (start === 'failed') await endAttempt(db, { ...job, cause: 'diverged', message: 'test' });
  if (start === 'paused') await pauseRun(localContext(db), job.runId);
  if (start === 'pausedSweep') await pauseSweep(localContext(db), sweepId);
  const urgent = await createSweep(localContext(db), URGENT);
  await db.pool.query(`UPDATE outbox SET dispatched_at = now() WHERE sweep_id = $1`, [urgent.id]);
  return { ...situation, urgent: urgent.id };
}

/** Starts a verb and waits until it has ended, or waits for a lock. `end` resolves to its error, unless that is a refusal. */
async function startVerb(
  { db }: Arena,
  name: 'first' | 'second',
  work: () => Promise<unknown>,
): Promise<{ end: Promise<unknown> }> {
  let ended = false;
  const end = work().then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? undefined : error),
  );
  void end.then(() => {
    ended = true;
  });
  for (let waits = false; !ended && !waits; await tick()) {
    const { rowCount } = await db.pool.query({
      name: 'waits',
      text: `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'`,
      values: [name],
    });
    waits = rowCount !== 0;
  }
  return { end };
}

const Row = z.object({ state: RunState, attempt: z.int(), cancelled: z.boolean() });

/** Brings the run to its end, whatever state the verbs left it in: nothing is stuck. Returns its last state. */
async function goOn({ db }: Arena, { sweepId, job: { runId } }: Situation): Promise<RunState> {
  const context = localContext(db);
  const read = async () => {
    const rows = await queryRows(
      db.pool,
      Row,
      'SELECT state, attempt, cancel_requested_at IS NOT NULL AS cancelled FROM run WHERE id = $1',
      [runId],
    );
    return rows[0]!;
  };
  if (['failed', 'cancelled'].includes((await read()).state)) await retryRun(context, runId);
  const { state, attempt, cancelled } = await read();
  if (state === 'running' && cancelled)
    return (await endAttempt(db, { runId, attempt, cause: 'cancelled', message: 'test' })) ?? state;
  if (state === 'queued') {
    await resumeSweep(context, sweepId);
    await resumeRun(context, runId);
    await db.pool.query('UPDATE outbox SET not_before = NULL WHERE run_id = $1', [runId]);
    await dispatch(db, ALL);
    assert.ok(await claimRun(db, { runId, attempt: attempt + 1, worker: 'w' }), 'the run cannot be claimed');
  }
  const now = await read();
  if (now.state === 'running') await finishRun(db, { runId, attempt: now.attempt, result: RESULT });
  return (await read()).state;
}

/** Plays one case. Returns what is wrong afterwards. */
async function play(arena: Arena, { first, second, start, held }: Case): Promise<unknown[]> {
  const { db, holder } = arena;
  const situation = await prepare(arena, start);
  const { sweepId, urgent, job } = situation;
  await holder.query('BEGIN');
  for (const statement of HELD[held]) await holder.query(statement, [job.runId]);
  const one = await startVerb(arena, 'first', () => VERBS[first]!.act(arena.first, situation));
  const other = await startVerb(arena, 'second', () => VERBS[second]!.act(arena.second, situation));
  await holder.query('ROLLBACK');
  const errors = (await Promise.all([one.end, other.end])).filter((error) => error !== undefined).map(String);

  const rows = async <T extends object>(text: string, values: unknown[] = []) =>
    (await db.pool.query<T>(text, values)).rows;
  const missing = (await namedFiles(db)).filter(({ runId, file }) => !existsSync(join(arena.folder, runId, file)));
  const wrong = [...errors, ...missing, ...(await lifecycleViolations(rows, [sweepId, urgent]))];
  const end = await goOn(arena, situation).catch((error: unknown) => `stuck: ${error}`);
  if (!['succeeded', 'cancelled'].includes(end)) wrong.push(end);
  wrong.push(...(await lifecycleViolations(rows, [sweepId, urgent])));
  await db.pool.query('DELETE FROM sweep WHERE id = ANY($1)', [[sweepId, urgent]]);
  return wrong;
}

/** One case of each pair, drawn by the seed; all of them in the long run. */
function chosenCases(): Case[] {
  if (LONG) return CASES;
  const random = countedRandom(randomKey(SEED, 'races'), [0, 0]);
  const pairs = new Map<string, Case[]>();
  for (const one of CASES) {
    const key = [one.first, one.second].sort().join();
    pairs.set(key, [...(pairs.get(key) ?? []), one]);
  }
  return [...pairs.values()].map((cases) => cases[random.integer(cases.length)]!);
}

test(`every pair of verbs leaves each run in one state that can go on (seed ${SEED})`, async (t) => {
  const arenas = await Promise.all(Array.from({ length: 3 }, openArena));
  const waiting = chosenCases();
  const played = waiting.length;
  const failures: unknown[] = [];
  await Promise.all(
    arenas.map(async (arena) => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const wrong = await play(arena, one);
        if (wrong.length > 0) failures.push({ ...one, wrong });
      }
    }),
  );
  t.diagnostic(`${played} of ${CASES.length} cases`);
  assert.deepEqual(failures, [], JSON.stringify(failures.slice(0, 5), null, 2));
});
