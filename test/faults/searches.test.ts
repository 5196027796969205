/** Controllers of searches that are killed between any two statements: PostgreSQL ends their connections, as it does when a process dies. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalHash } from '@ablate/contracts';
import { claimRun, type Database, dispatch, dispatchedRuns, finishRun, openDatabase, restRun } from '@ablate/db';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { countedRandom, randomKey } from '@ablate/random';
import { advanceSearches, localContext, openDecider } from '@ablate/sweeps';
import { RESULT } from '../db/small-sweep.ts';
import { testDatabase } from '../support/postgres.ts';
import { compareSpec, findSpec, LOG, pbtSpec } from '../support/searches.ts';

/** Steps in a hundred in which the controllers are killed, and connections that are ended before the next result. */
const KILLED = 85;
const KILLS = 7;
const LEAST_KILLS = 200;

/** Trains one of the runs that wait, sometimes all: the result is a function of config, seed and epochs. */
async function train(db: Database, random: { uniform(): number }): Promise<void> {
  await dispatch(db, { window: 100, room: 100 });
  const jobs = (await dispatchedRuns(db)).map((job) => ({ job, at: random.uniform() })).sort((a, b) => a.at - b.at);
  for (const { job } of random.uniform() < 0.1 ? jobs : jobs.slice(0, 1)) {
    const claim = await claimRun(db, { ...job, worker: 'test' });
    if (claim === null) continue;
    const key = randomKey(claim.seed, canonicalHash(claim.config));
    const valAccuracy = countedRandom(key, [claim.until ?? 0, 0]).uniform();
    if (claim.until === null) await finishRun(db, { ...job, result: { ...RESULT, valAccuracy } });
    else await restRun(db, { ...job, epoch: claim.until, valAccuracy, valLoss: 1 });
  }
}

test('a search whose controller is killed over and over decides as if it never was', async (t) => {
  const { url } = await testDatabase(t);
  const named = new URL(url);
  named.searchParams.set('application_name', 'controller');
  const db = openDatabase({ url, max: 3 });
  // Two believe that they lead, each with its own open searches.
  const controllers = [0, 1].map(() => ({ db: openDatabase({ url: named.href, max: 2 }), decider: openDecider() }));
  t.after(async () => {
    for (const one of controllers) {
      await one.decider.close();
      await one.db.close();
    }
    await db.close();
  });

  async function play(spec: unknown, kills: number) {
    const id = await queueSweep(db, spec);
    const random = countedRandom(randomKey(1, 'kills'), [kills, 0]);
    const searching = async () =>
      ((await db.pool.query('SELECT FROM sweep WHERE id = $1 AND searching', [id])).rowCount ?? 0) > 0;
    let [killed, due, failures] = [0, 0, 0];
    while (await searching()) {
      const isKilled = 100 * random.uniform() < kills;
      const steps = Promise.allSettled(controllers.map((one) => advanceSearches(localContext(one.db), one.decider)));
      if (isKilled) {
        await sleep(20 * random.uniform());
        const { rowCount } = await db.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'controller' AND datname = current_database()`,
        );
        killed += rowCount ?? 0;
      }
      // A step after a kill may still find the dead connections of a pool.
      for (const step of await steps) {
        failures = step.status === 'rejected' ? failures + 1 : 0;
        if (step.status === 'rejected' && (kills === 0 || failures > 40)) throw step.reason;
      }
      // More kills than results.
      if (kills > 0 && killed < due) continue;
      await train(db, random);
      due = killed + KILLS;
    }
    const { rows } = await db.pool.query(LOG, [id]);
    const { rows: runs } = await db.pool.query(
      'SELECT position, seed, state, until_epoch, forked_epoch FROM run WHERE sweep_id = $1 ORDER BY position',
      [id],
    );
    return { log: rows, runs, killed };
  }

  let killed = 0;
  for (const spec of [compareSpec(), findSpec({ samples: 8 }), pbtSpec()]) {
    const undisturbed = await play(spec, 0);
    const disturbed = await play(spec, KILLED);
    assert.deepEqual(disturbed.log, undisturbed.log);
    assert.deepEqual(disturbed.runs, undisturbed.runs);
    assert.equal(undisturbed.log.at(-1)?.kind, 'finish');
    killed += disturbed.killed;
  }
  t.diagnostic(`${killed} connections of controllers were ended`);
  assert.ok(killed >= LEAST_KILLS, `${killed} kills`);
});
