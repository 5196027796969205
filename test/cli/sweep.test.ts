import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { RunView, SweepView } from '@ablate/contracts';
import {
  beat,
  claimRun,
  type Database,
  dispatch,
  endAttempt,
  finishRun,
  numberEvents,
  recordMetrics,
  startAttempt,
} from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { advanceSearches, localContext, openDecider } from '@ablate/sweeps';
import { z } from 'zod';
import { testEnvironment } from '../support/run-environment.ts';
import { compareSpec, findSpec } from '../support/searches.ts';
import { ablate, assertDone, startApi } from './command-line.ts';

const SPEC = {
  version: 1,
  name: 'a small sweep',
  dataset: { name: 'shapes10', samples: 100 },
  model: { family: 'vit', width: 32, depth: 1, heads: 2 },
  train: { epochs: 2, batchSize: 10 },
  seeds: [1, 2],
  space: { 'model.patchSize': [8, 4] },
};
/** Writes what a worker writes for each queued run: the epoch's progress and metrics, then the final figures. */
async function train(database: Database, { fail = false } = {}): Promise<void> {
  for (const job of (await dispatch(database, { window: 100, room: 100 })).jobs) {
    assert.ok(await claimRun(database, { ...job, worker: 'test' }));
    const environment = { ...testEnvironment, precision: 'fp32' };
    const facts = { totalSteps: 18, epochs: 2, parameters: 1, datasetHash: 'x', resumedFrom: null, compiled: true };
    await startAttempt(database, { ...job, ...facts, notes: ['drawn shapes, not photographs'], environment });
    await recordMetrics(database, { ...job, rows: [{ name: 'val/accuracy', step: 9, epoch: 1, value: 0.375 }] });
    const speed = { loss: 1.25, samplesPerSecond: 200, secondsLeft: 62 };
    await beat(database, { ...job, progress: { step: 12, totalSteps: 18, epoch: 1.3, epochs: 2, ...speed } });
    await wait(1300); // the command line polls once a second
    if (fail) await endAttempt(database, { ...job, cause: 'diverged', message: 'the loss was NaN at step 7' });
    else
      await finishRun(database, {
        ...job,
        result: {
          valAccuracy: 0.5,
          valLoss: 1,
          trainAccuracy: 0.6,
          testAccuracy: 0.4875,
          testLoss: 1,
          bestEpoch: 2,
          samplesPerSecond: 200,
        },
      });
  }
}

test('a sweep from the command line', async (t) => {
  const { db, apiUrl } = await startApi(t);
  const env = { ABLATE_API_URL: apiUrl };
  const folder = temporaryFolder();
  const spec = async (name: string, content: unknown) => {
    const path = join(folder.path, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  await t.test('submit --wait shows the progress of each run, then the table', async () => {
    const file = await spec('good.json', SPEC);
    let training: Promise<void> | undefined;
    const ended = await ablate(['submit', file, '--wait'], {
      env,
      onErr: (text) => {
        if (text.includes('4 runs queued')) training ??= train(db);
      },
    });
    await training;
    assertDone(ended);
    assert.match(
      ended.err,
      /^patchSize 8 · seed 1 {2}epoch 1\.3\/2 {2}loss 1\.250 {2}val 37\.5 % {2}200 samples\/s {2}1:02 left$/m,
    );
    assert.match(ended.err, /^patchSize 4 · seed 2 {2}succeeded {2}val 50\.0 % {2}test 48\.8 % {2}in 0:0[1-9]$/m);
    assert.equal(ended.err.match(/succeeded/g)?.length, 4);
    assert.ok(!ended.err.includes('\u001b'), 'no escapes where there is no terminal');
    assert.match(ended.out, /^1 +4 +2 +48\.75 ± 0\.00 +\+0\.00 +no estimate of noise +\d/m);
    assert.match(ended.out, /^note: drawn shapes, not photographs$/m);
  });

  await t.test('submit --wait waits until a search has decided', async () => {
    const file = await spec('race.json', compareSpec({ configs: 2, maxSeeds: 2 }));
    const decider = openDecider();
    const race = async (): Promise<void> => {
      while ((await db.pool.query('SELECT FROM sweep WHERE searching')).rowCount) {
        await advanceSearches(localContext(db), decider);
        await train(db);
      }
    };
    let raced: Promise<void> | undefined;
    const ended = await ablate(['submit', file, '--wait'], {
      env,
      onErr: (text) => {
        if (text.includes('its search asks for runs')) raced ??= race();
      },
    });
    await raced;
    await decider.close();
    assertDone(ended);
    assert.equal(ended.err.match(/succeeded/g)?.length, 4);
    assert.match(ended.out, /^Raced: /m);
  });

  await t.test('a failed run is reported with its cause, and the exit code is 1', async () => {
    const file = await spec('one.json', { ...SPEC, name: 'to fail', seeds: [1], space: {} });
    let training: Promise<void> | undefined;
    const ended = await ablate(['submit', file, '--wait', '--json'], {
      env,
      onErr: (text) => {
        if (text.includes('1 run queued')) training ??= train(db, { fail: true });
      },
    });
    await training;
    assert.equal(ended.code, 1);
    assert.match(ended.err, /failed \(diverged\): the loss was NaN at step 7/);
    assert.match(ended.err, /1 of 1 run did not succeed: `ablate show [0-9a-f-]{36}`/);
    const { runs } = z.object({ runs: z.array(RunView) }).parse(JSON.parse(ended.out));
    assert.equal(runs[0]?.cause, 'diverged');

    // It can be requeued once.
    const id = runs[0]?.id ?? '';
    assert.match((await ablate(['retry', id], { env })).out, /: queued$/m);
    const again = await ablate(['retry', id], { env });
    assert.equal(again.code, 1);
    assert.match(again.err, /queued/);
  });

  await t.test('ls, show and cancel', async () => {
    const submitted = await ablate(['submit', '-', '--json'], {
      env,
      input: JSON.stringify({ ...SPEC, name: 'to cancel' }),
    });
    assertDone(submitted);
    const { id } = SweepView.parse(JSON.parse(submitted.out));

    const list = await ablate(['ls', '--limit', '1'], { env });
    assert.match(list.out, new RegExp(`^${id} +to cancel +queued +4 +0 +0 +0 +0 +4 +20`, 'm'));
    assert.equal(list.out.trim().split('\n').length, 3);

    const shown = await ablate(['show', id, '--json'], { env });
    const { runs } = z.object({ runs: z.array(RunView) }).parse(JSON.parse(shown.out));
    assert.equal(runs.length, 4);
    const runId = runs[0]?.id ?? '';
    assert.match((await ablate(['cancel', runId], { env })).out, new RegExp(`^run ${runId}: cancelled$`, 'm'));
    assert.match((await ablate(['cancel', id], { env })).out, new RegExp(`^sweep ${id}: cancelled$`, 'm'));
    const sweep = await ablate(['show', id], { env });
    assert.match(sweep.out, /^to cancel {2}\(cancelled: 4 cancelled\)$/m);
    assert.match(sweep.out, new RegExp(`^${runId} +patchSize 8 +1 +cancelled`, 'm'));
    const run = await ablate(['show', runId], { env });
    assert.match(run.out, /^state +cancelled/m);
    assert.match(run.out, /"patchSize": 8/);

    const unknown = await ablate(['show', '00000000-0000-4000-8000-000000000000'], { env });
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /unknown sweep or run id 00000000/);
    const cancelled = await ablate(['ls', '--limit', '1'], { env });
    assert.match(cancelled.out, /^sweep .* succeeded +failed +cancelled +running/m);
    assert.match(cancelled.out, new RegExp(`^${id} +to cancel +cancelled +4 +0 +0 +4 +0 +0 +20`, 'm'));
  });

  await t.test('short ids: the beginning or the end of an id, wherever a command takes one', async () => {
    const submitted = await ablate(['submit', '-', '--json'], {
      env,
      input: JSON.stringify({ ...SPEC, name: 'short \u001b]52;c;aGk=\u0007 👩‍💻' }),
    });
    const { id } = SweepView.parse(JSON.parse(submitted.out));
    const end = id.slice(-8);
    const shown = await ablate(['show', end], { env });
    assertDone(shown);
    assert.match(shown.out, /^short \uFFFD\]52;c;aGk=\uFFFD 👩‍💻 {2}\(queued: 4 queued\)$/m);
    assert.match(
      (await ablate(['set', end.toUpperCase(), '--priority', '3'], { env })).out,
      new RegExp(`^sweep ${id}:`),
    );
    assert.match((await ablate(['pause', end], { env })).out, new RegExp(`^sweep ${id}: paused`));
    assertDone(await ablate(['events', end], { env }));
    const { runs } = z
      .object({ runs: z.array(RunView) })
      .parse(JSON.parse((await ablate(['show', id, '--json'], { env })).out));
    const run = runs[3]?.id ?? '';
    assert.match((await ablate(['show', run.slice(-10)], { env })).out, new RegExp(`^run +${run}$`, 'm'));
    assert.match((await ablate(['checkpoints', run.slice(-10)], { env })).out, /no checkpoints yet/);

    // The ids of a sweep's runs begin with the time.
    const ambiguous = await ablate(['cancel', run.slice(0, 6)], { env });
    assert.equal(ambiguous.code, 2);
    assert.match(ambiguous.err, /is ambiguous: give more characters/);
    assert.match(ambiguous.err, /^ {2}[0-9a-f-]{36} {2}run .* · patchSize 8 · seed 1$/m);
    assert.ok(!ambiguous.err.includes('\u001b'));
    for (const [text, complaint] of [
      ['abc', /"abc" is not the id of a sweep or run: give the id, or at least 4/],
      ['xyz1', /"xyz1" is not the id of a sweep or run/],
      ['%%%%', /is not the id/],
      ['ffffffffffff', /no sweep or run has an id that begins or ends with "ffffffffffff"/],
    ] as const) {
      const refused = await ablate(['show', text], { env });
      assert.match(refused.err, complaint);
      assert.equal(refused.err.trim().split('\n').length, 1);
    }
    assertDone(await ablate(['cancel', end], { env }));
  });

  await t.test('--wait tells of a lost attempt, and of what it waits for', async () => {
    const file = await spec('lost.json', { ...SPEC, name: 'to lose', seeds: [1], space: {} });
    let lost: Promise<void> | undefined;
    let killed = false;
    const lose = async () => {
      const { rows } = await db.pool.query(
        "SELECT run.id FROM run JOIN sweep ON sweep.id = sweep_id WHERE name = 'to lose'",
      );
      const job = (await dispatch(db, { window: 100, room: 100 })).jobs.find(({ runId }) => runId === rows[0]?.id);
      assert.ok(job && (await claimRun(db, { ...job, worker: 'test' })));
      await wait(1500); // the command line polls once a second
      await endAttempt(db, { ...job, cause: 'lost', message: 'no heartbeat for 15 s\nand more' });
      await numberEvents(db);
    };
    const ended = await ablate(['submit', file, '--wait'], {
      env,
      onErr: (text, kill) => {
        if (text.includes('1 run queued')) lost ??= lose();
        const lostAndWaiting = text.includes('attempt 1 lost') && text.includes('waiting: no worker');
        if (lostAndWaiting && !killed) kill();
        killed = lostAndWaiting;
      },
    });
    await lost;
    assert.equal(ended.code, 130);
    assert.match(ended.err, /^as written · seed 1 {2}attempt 1 lost: no heartbeat for 15 s; the run is queued again$/m);
    assert.match(ended.err, /^waiting: no worker/m);
  });

  await t.test('Ctrl-C while waiting does not cancel the sweep', async () => {
    const file = await spec('long.json', { ...SPEC, name: 'to leave' });
    const ended = await ablate(['submit', file, '--wait'], {
      env,
      onErr: (text, kill) => {
        if (text.includes('queued') && !text.includes('continues')) setTimeout(kill, 500);
      },
    });
    assert.equal(ended.code, 130);
    assert.match(ended.err, /the sweep continues: `ablate show [0-9a-f-]{36}`/);
    const { rows } = await db.pool.query(
      "SELECT state FROM run JOIN sweep ON sweep.id = sweep_id WHERE name = 'to leave'",
    );
    assert.deepEqual(
      rows.map(({ state }) => state),
      Array(4).fill('queued'),
    );
  });

  await t.test('an invalid spec is rejected with each field, by the API and by --dry-run', async () => {
    const file = await spec('bad.json', {
      ...SPEC,
      space: { 'model.patchSize': [8, 5] },
      model: { ...SPEC.model, depht: 2 },
    });
    const pointed = [/^ {2}\/space\/model\.patchSize: .*5.*32/m, /^ {2}\/model\/depht: unknown key/m];
    for (const args of [[], ['--dry-run']]) {
      const { code, err } = await ablate(['submit', file, ...args], { env });
      assert.equal(code, 2, err);
      assert.ok(
        pointed.some((pattern) => pattern.test(err)),
        err,
      );
      assert.doesNotMatch(err, /invalid spec.*invalid spec/i, 'said once');
    }
    const marked = await ablate(
      ['submit', await spec('marked.json', `\uFEFF${JSON.stringify({ ...SPEC, seeds: [] })}`), '--dry-run'],
      { env },
    );
    assert.match(marked.err, /\/seeds/, 'a byte order mark is skipped');
    const utf16 = await spec('utf16.json', '');
    await writeFile(utf16, Buffer.from('\uFEFF{}', 'utf16le'));
    assert.match((await ablate(['submit', utf16], { env })).err, /utf16\.json is not UTF-8 text: save it as UTF-8/);
    const twice = await spec('twice.json', '{"version":1,"name":"x","train":{"epochs":1,"epochs":2}}');
    const repeated = await ablate(['submit', twice, '--dry-run'], { env });
    assert.deepEqual(
      [repeated.code, /^ {2}\/train\/epochs: key "epochs" appears twice/m.test(repeated.err)],
      [2, true],
    );
    const broken = await ablate(['submit', await spec('broken.json', '{ "version": 1,')], { env });
    assert.equal(broken.code, 2);
    assert.match(broken.err, /broken\.json is not valid JSON/);
    const missing = await ablate(['submit', join(folder.path, 'missing.json')], { env });
    assert.equal(missing.code, 2);
    assert.match(missing.err, /^cannot read .*missing\.json: no such file\n$/);
    assert.match((await ablate(['submit', folder.path], { env })).err, /^cannot read .*: it is a folder\n$/);
    const endless = await ablate(['submit', '/dev/zero'], { env });
    assert.match(endless.err, /\/dev\/zero is too large for a spec/);
  });
});

test('--dry-run lists the sample’s configs without an API', async () => {
  const ended = await ablate(['submit', join(REPOSITORY, 'studies/first-run/sweep.json'), '--dry-run']);
  assertDone(ended);
  assert.match(ended.out, /ordering parallel, patchSize 4/);
  assert.match(ended.out, /resnet20/);
  assert.match(ended.out, /5 configs × 3 seeds = 15 runs; nothing was submitted/);
  assert.match(ended.out, /^2\.43 M to 40\.6 M multiply-accumulates an image/m);
  assert.match(ended.out, /^These 3 seeds show differences from [\d.]+ points on/m);
  const one = await ablate(['submit', '-', '--dry-run'], {
    input: JSON.stringify({ ...SPEC, seeds: [1], space: { 'train.epochs': [2], 'model.depth': [1] } }),
  });
  assert.match(one.out, /1 config × 1 seed = 1 run; nothing was submitted/);
  assert.match(one.out, /depth 1, epochs 2/, 'axes are in the order of `ablate show`');
  const find = await ablate(['submit', '-', '--dry-run'], { input: JSON.stringify(findSpec({ samples: 9 })) });
  assert.match(find.out, /^some of the configs that the search may choose:/);
  assert.match(
    find.out,
    /^The best are confirmed on 3 fresh seeds\. These 3 seeds show differences from [\d.]+ points on/m,
  );
  const [, runs] =
    /^10 configs, about (\d+) runs, at most 39: .* whole trainings; nothing was submitted$/m.exec(find.out) ?? [];
  assert.ok(Number(runs) > 10 && Number(runs) < 39, find.out);
});

test('without an API, the error is one line with a remedy', async () => {
  const ended = await ablate(['ls'], { env: { ABLATE_API_URL: 'http://127.0.0.1:1' } });
  assert.equal(ended.code, 3);
  assert.match(ended.err, /^no API responds at http:\/\/127\.0\.0\.1:1\/api\/v1: start it with `npm start`/);
  assert.equal(ended.err.trim().split('\n').length, 1);
});

test('an invalid command, option or variable exits with 2 and is named', async () => {
  const [command, option, variable] = await Promise.all([
    ablate(['sumbit']),
    ablate(['ls', '--limit', '0']),
    ablate(['ls'], { env: { ABLATE_API_URL: 'nonsense' } }),
  ]);
  assert.deepEqual([command.code, option.code, variable.code], [2, 2, 2]);
  assert.match(command.err, /unknown command 'sumbit'/);
  assert.match((await ablate(['\u001b[2J'])).err, /unknown command '\uFFFD\[2J'/);
  assert.match(option.err, /--limit .*expected a whole number, 1 or more/);
  assert.match(variable.err, /ABLATE_API_URL: must be an http:\/\/ address/);
});
