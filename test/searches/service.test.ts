/** Searches in the service: real PostgreSQL, Redis and workers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Decision } from '@ablate/contracts';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { localContext, openAnswerBuilder, openSpecReader, planSweep, sweepAnswer } from '@ablate/sweeps';
import { z } from 'zod';
import {
  compareSpec,
  ENDED,
  findSpec,
  frontSpec,
  LOG,
  methodSpec,
  OTHER_METHODS,
  pbtSpec,
} from '../support/searches.ts';
import { type Service, SHORT_LEASE, service } from '../support/service.ts';

const Entry = z.looseObject({ decision: Decision.optional() });
type Logged = { kind: string; config: number | null; run: number | null; entry: unknown };

async function searched({ row, rows }: Service, ids: readonly string[]) {
  // Dozens of runs one after the other: on a busy machine longer than `until` waits.
  for (const id of ids) while (!(await row(ENDED, [id]))) await sleep(100);
  return Promise.all(ids.map((id) => rows<Logged>(LOG, [id])));
}

test('searches decide on real training; runs go on from where their rung stopped them', async (t) => {
  const installed = await service(t);
  const { db, rows, until, worker } = installed;
  // What goes on, or starts from another run, fetches its checkpoint.
  worker({ ABLATE_SLOTS: '2', ABLATE_THREADS: '1', ABLATE_CHECKPOINTS: 'postgres:' });
  const { baseline: _, ...small } = findSpec({ samples: 4, epochs: 3 });
  const compare = await queueSweep(db, compareSpec({ configs: 2, maxSeeds: 2 }));
  const find = await queueSweep(db, small);
  const front = await queueSweep(db, frontSpec());
  const population = await queueSweep(db, { ...pbtSpec(), reuse: true });
  const [raced, found, bracketed, evolved] = await searched(installed, [compare, find, front, population]);

  assert.deepEqual(
    raced?.flatMap(({ kind, config }) => (kind === 'train' ? [config] : [])),
    [0, 1, 0, 1],
    'seed by seed, the baseline first',
  );
  assert.equal(raced?.at(-1)?.kind, 'finish');
  assert.deepEqual(
    found?.map(({ kind }) => kind).filter((kind) => kind === 'confirm' || kind === 'finish'),
    ['confirm', 'finish'],
  );
  const resumed = await rows(
    `SELECT FROM run JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
     WHERE sweep_id = $1 AND resumed_from > 0 AND run.state = 'succeeded'`,
    [find],
  );
  assert.ok(resumed.length > 0, 'a promoted run resumes');
  const entries = bracketed?.flatMap(({ entry }) => Entry.parse(entry).decision ?? []) ?? [];
  const confirm = entries.find((decision) => decision.kind === 'confirm');
  const last = entries.at(-1);
  assert.equal(confirm?.kind === 'confirm' && confirm.kept, 'front');
  assert.ok(last?.kind === 'finish' && last.front && last.front.length > 0, JSON.stringify(last));
  const costs = await rows<{ depth: number }>(
    `SELECT (config #>> '{model,depth}')::integer AS depth FROM config WHERE sweep_id = $1 AND position = ANY($2) ORDER BY array_position($2, position)`,
    [front, last.front],
  );
  const depths = costs.map(({ depth }) => depth);
  assert.deepEqual(depths, depths.toSorted(), 'by rising cost: a deeper model is dearer');
  const reached = entries.flatMap((decision) => (decision.kind === 'train' ? [[decision.rung, decision.epochs]] : []));
  assert.deepEqual(new Set(reached.map(String)), new Set(['0,1', '1,2', ',']));

  const evolution = evolved?.flatMap(({ entry }) => Entry.parse(entry).decision ?? []) ?? [];
  const asked = evolution.flatMap((decision) => (decision.kind === 'train' && decision.fork ? [decision] : []));
  assert.equal(asked.filter(({ rung }) => rung !== null).length, 2);
  const ended = evolution.at(-1);
  assert.ok(ended?.kind === 'finish' && ended.why === 'confirmed' && ended.rows[0]?.seeds === 3, JSON.stringify(ended));
  const forks = await rows<{
    run: number;
    from: number;
    epoch: number;
    firstStep: number;
    first: number;
    note: boolean;
  }>(
    `SELECT run.position AS run, other.position AS "from", run.forked_epoch AS epoch, resumed_from AS "firstStep",
       (SELECT min(epoch) FROM metric_point WHERE run_id = run.id) AS first, array_to_string(notes, '') LIKE '%goes on from%' AS note
     FROM run JOIN run other ON other.id = run.forked_from JOIN attempt ON attempt.run_id = run.id AND attempt.number = 1
     WHERE run.sweep_id = $1 AND other.seed = run.seed AND other.config_id <> run.config_id ORDER BY 1`,
    [population],
  );
  assert.deepEqual(
    forks,
    asked.map(({ run, fork }) => {
      const { run: from = -1, epochs = -1 } = fork ?? {};
      return { run, from, epoch: epochs, firstStep: 9 * epochs, first: epochs + 1, note: true };
    }),
    'forks start from the checkpoint of the other run',
  );
  const reused = await rows(`SELECT FROM run WHERE sweep_id = $1 AND reused_from IS NOT NULL`, [population]);
  assert.deepEqual(reused, []);

  await until(
    'the sweep is finished in the log of events',
    `SELECT FROM event WHERE sweep_id = $1 AND subject = 'sweep' AND state = 'finished' AND number IS NOT NULL`,
    [find],
  );
});

test('every other method decides on real training', async (t) => {
  const installed = await service(t);
  installed.worker({ ABLATE_SLOTS: '2', ABLATE_THREADS: '1' });
  const ids: string[] = [];
  for (const method of OTHER_METHODS) ids.push(await queueSweep(installed.db, methodSpec(method)));
  for (const [i, log] of (await searched(installed, ids)).entries()) {
    const last = Entry.parse(log.at(-1)?.entry).decision;
    assert.ok(last?.kind === 'finish' && last.winner !== null, `${OTHER_METHODS[i]}: ${JSON.stringify(last)}`);
    assert.equal(last.why, 'confirmed', OTHER_METHODS[i]);
    assert.ok(last.rows.every(({ mean }) => mean !== null));
  }
});

test('one worker, and two of which the leader is killed, make the same decisions', async (t) => {
  const installed = await service(t);
  const { db, rows, until, worker } = installed;
  const env = { ...simulatedTrainer({ seconds: 0.1 }), ...SHORT_LEASE, ABLATE_SLOTS: '2' };
  const submit = async () => [
    await queueSweep(db, compareSpec()),
    await queueSweep(db, findSpec()),
    await queueSweep(db, pbtSpec()),
  ];
  const first = worker(env);
  const ids = await submit();
  const alone = await searched(installed, ids);
  const states = await rows('SELECT DISTINCT state::text AS state FROM run WHERE sweep_id = $1 ORDER BY 1', [ids[1]]);
  assert.deepEqual(states, [{ state: 'pruned' }, { state: 'succeeded' }]);
  const looked = await rows(`SELECT FROM run WHERE sweep_id = $1 AND state = 'pruned' AND test_accuracy IS NOT NULL`, [
    ids[1],
  ]);
  assert.deepEqual(looked, [], 'a run that is dropped never saw the test set');
  const builder = openAnswerBuilder();
  t.after(() => builder.close());
  const answer = await sweepAnswer(localContext(db), { sweepId: ids[1]!, split: 'test', limit: 100, builder });
  const pruned = answer.rows.reduce((sum, row) => sum + row.pruned, 0);
  assert.ok(pruned > 0 && pruned === answer.runs.pruned);
  assert.ok(answer.rows.every(({ failed, fork }) => failed === 0 && fork === null));
  const shown = await sweepAnswer(localContext(db), { sweepId: ids[2]!, split: 'test', limit: 100, builder });
  const forks = Entry.array()
    .parse((await rows<Logged>(LOG, [ids[2]])).map(({ entry }) => entry))
    .flatMap(({ decision }) =>
      decision?.kind === 'config' && decision.fork ? [[decision.config, decision.fork]] : [],
    );
  assert.deepEqual(
    shown.rows
      .flatMap(({ position, fork }) =>
        fork ? [[position, { config: fork.position, epochs: fork.epochs }] as const] : [],
      )
      .sort(([a], [b]) => a - b),
    forks,
  );
  assert.ok(forks.length > 0);

  const reader = openSpecReader();
  t.after(() => reader.close());
  const planned = (spec: unknown) =>
    planSweep(localContext(db), { text: JSON.stringify(spec), reader, signal: AbortSignal.timeout(60_000) });
  const race = await planned(compareSpec());
  assert.deepEqual([race.configs, race.runs, race.answered, race.space?.unique], [3, 6, 0, 3]);
  assert.match(race.plan.lines[0] ?? '', /3 configs, about 6 runs, at most 9/);
  const hunt = await planned({ ...findSpec({ samples: 9 }), constraints: ['model.heads == 2'] });
  assert.equal(hunt.configs, 10);
  assert.ok(hunt.runs > 10 && hunt.runs < 40, `${hunt.runs} runs`);
  assert.match(hunt.space?.rejected[0]?.detail ?? '', /leaves out \d+ of \d+ points: model.heads == 2/);

  const population = await planned({ ...pbtSpec(), baseline: { 'train.labelSmoothing': 0.1 } });
  const [line] = population.plan.lines;
  assert.match(line ?? '', /^7 configs, about \d+ runs, at most 24: as much as 10 whole trainings\.$/);

  worker(env);
  const again = await submit();
  await until(
    'the search is on its way',
    `SELECT FROM decision WHERE sweep_id = $1 AND kind = 'result' AND number > 8`,
    [again[1]],
  );
  first.process.kill('SIGKILL');
  await first.exited;
  const logs = await searched(installed, again);
  assert.deepEqual(await rows(`SELECT position, message FROM run WHERE state = 'failed'`), []);
  for (const [i, log] of logs.entries()) assert.deepEqual(log, alone[i]);
});
