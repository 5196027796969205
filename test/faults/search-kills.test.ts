/** API, leader and workers are killed while a search decides, on real training. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { install } from '@ablate/harness/installation';
import type { KeptProcess } from '@ablate/harness/kept-process';
import { ENDED, findSpec, LOG } from '../support/searches.ts';
import { leaderOf } from './nemesis.ts';

/** Results between two kills. */
const CALM = 3;

// One thread: the same sums whatever else runs.
const all = await install({ workers: 2, env: { ABLATE_THREADS: '1' } });
after(() => all.close());

/** Waits on a busy machine, too: a search is dozens of runs one after the other. */
async function appears(text: string, values: unknown[]): Promise<object> {
  for (;;) {
    const [row] = await all.rows(text, values);
    if (row) return row;
    await sleep(100);
  }
}

/** Searches to the end; kills what `victims` give, in turn, each after some more results. Returns the log and the kills. */
async function search(key: string, victims: readonly (() => KeptProcess)[]) {
  const { id } = await all.submit(findSpec({ samples: 4, epochs: 3, seeds: 3 }), key);
  let kills = 0;
  for (; victims.length > 0; kills++) {
    const some = `SELECT FROM sweep WHERE id = $1 AND (NOT searching OR
                    (SELECT count(*) FROM decision WHERE sweep_id = sweep.id AND kind = 'result') >= $2)`;
    await appears(some, [id, CALM * (kills + 1)]);
    if ((await all.rows('SELECT FROM sweep WHERE id = $1 AND searching', [id])).length === 0) break;
    const victim = victims[kills % victims.length]!();
    await victim.end('SIGKILL');
    victim.start();
  }
  await appears(ENDED, [id]);
  const log = await all.rows<{ kind: string }>(LOG, [id]);
  const runs = await all.rows(
    'SELECT position, seed, state, until_epoch, val_accuracy, test_accuracy FROM run WHERE sweep_id = $1 ORDER BY position',
    [id],
  );
  return { log, runs, kills };
}

test('a search with a condition and a constraint decides the same when API, leader and worker are killed', async (t) => {
  for (const one of [all.api, ...all.workers]) one.start();
  await all.ready();
  const undisturbed = await search('calm', []);
  const disturbed = await search('killed', [
    () => leaderOf(all),
    () => all.api,
    () => all.workers.find((worker) => worker !== leaderOf(all))!,
  ]);
  t.diagnostic(`${disturbed.kills} kills, ${undisturbed.log.length} entries, ${undisturbed.runs.length} runs`);
  assert.ok(disturbed.kills >= 3, `${disturbed.kills} kills`);
  assert.equal(undisturbed.log.at(-1)?.kind, 'finish');
  assert.deepEqual(disturbed.log, undisturbed.log);
  assert.deepEqual(disturbed.runs, undisturbed.runs);
});
