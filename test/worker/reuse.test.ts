/** A worker trains what is new in a sweep, and reuses the results of equal runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { tinySpec } from '@ablate/harness/specs';
import { temporaryFolder } from '@ablate/harness/temporary';
import { localContext, openAnswerBuilder, openSpecReader, planSweep, sweepAnswer } from '@ablate/sweeps';
import { compareSpec, ENDED } from '../support/searches.ts';
import { service } from '../support/service.ts';

const run = promisify(execFile);

/** A folder for PATH with a `git` to which the code is one commit, without changes: it has a name, also during an edit. */
async function committed(folder: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v git']);
  await run('git', ['init', '-q', folder]);
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  await run('git', ['-C', folder, ...author, 'commit', '-q', '--allow-empty', '-m', 'one']);
  await writeFile(join(folder, '.git/info/exclude'), '*\n');
  const script = `#!/bin/sh\nGIT_DIR='${folder}/.git' exec '${stdout.trim()}' "$@"\n`;
  await writeFile(join(folder, 'git'), script, { mode: 0o755 });
  return folder;
}

type Shown = { axes: unknown; seed: number; state: string; reused: boolean; test_accuracy: number; seconds: number };

test('runs of a sweep, and of a search, that were trained before are reused; new ones are trained', async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const { db, rows, worker, finished, until } = await service(t);
  const code = await committed(folder.path);
  worker({ PATH: `${code}:${process.env.PATH}`, ABLATE_THREADS: '2' });
  const reusing = (spec: object) => ({ ...spec, reuse: true });
  const shown = (id: string) =>
    rows<Shown>(
      `SELECT axes, seed, state, reused_from IS NOT NULL AS reused, test_accuracy, useful_seconds AS seconds
       FROM reporting.runs WHERE sweep_id = $1 ORDER BY config_position, seed`,
      [id],
    );

  const first = await queueSweep(db, reusing(tinySpec({ configs: 2, seeds: 1, epochs: 2 })));
  await finished();
  const trained = await shown(first);
  assert.deepEqual(new Set(trained.map(({ reused, seconds }) => reused || seconds === 0)), new Set([false]));

  const larger = reusing(tinySpec({ configs: 3, seeds: 1, epochs: 2, name: 'larger' }));
  const reader = openSpecReader();
  t.after(() => reader.close());
  const plan = (spec: unknown) =>
    planSweep(localContext(db), { text: JSON.stringify(spec), reader, signal: AbortSignal.timeout(60_000) });
  const planned = await plan(larger);
  assert.deepEqual([planned.runs, planned.answered], [3, 2]);
  assert.match(planned.plan.lines.at(-1) ?? '', /^2 runs of these are reused, not trained/);
  assert.equal((await plan({ ...larger, reuse: false })).answered, 0);

  const second = await queueSweep(db, larger);
  await finished();
  const again = await shown(second);
  assert.deepEqual(
    again.slice(0, 2),
    trained.map((run) => ({ ...run, reused: true, seconds: 0 })),
  );
  assert.deepEqual(
    again.slice(2).map(({ state, reused, seconds }) => [state, reused, seconds > 0]),
    [['succeeded', false, true]],
  );
  const builder = openAnswerBuilder();
  t.after(() => builder.close());
  const { cost, headline } = await sweepAnswer(localContext(db), {
    sweepId: second,
    split: 'test',
    limit: 10,
    builder,
  });
  assert.equal(cost.reusedRuns, 2);
  assert.ok(cost.reusedSeconds > 0);
  assert.ok(
    headline.some((line) => /^2 runs are reused: equal ones were trained before/.test(line)),
    headline.join(' '),
  );

  // A race whose first round is answered: only the second is trained.
  const race = await queueSweep(db, reusing({ ...compareSpec({ configs: 2, maxSeeds: 2 }), name: 'race' }));
  await until('the race has ended', ENDED, [race]);
  const raced = await shown(race);
  assert.deepEqual(
    raced.map(({ seed, reused }) => [seed, reused]),
    [
      [1, true],
      [2, false],
      [1, true],
      [2, false],
    ],
  );
});
