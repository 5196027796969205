/** The pages of a run, confusion, a new sweep, the fleet and SQL in a browser, on sweeps that have been played. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import test from 'node:test';
import { openDataset } from '@ablate/data';
import { DEFAULT_RETENTION, recordCheckpoint, recordLogs } from '@ablate/db';
import { fill } from '@ablate/harness/fixtures/fill';
import { runningApp } from '../api/running-app.ts';
import { checkpoint } from '../db/small-sweep.ts';
import { noChromium } from '../support/chromium.ts';
import { data as packed } from '../support/tiny.ts';
import { watchedPage } from './watched-page.ts';

test('run, confusion, new sweep, fleet and SQL', { skip: noChromium }, async (t) => {
  const { app, db, data } = await runningApp({ sql: true });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const filled = await fill(db);
  const { page, complaints, findings, styling } = await watchedPage(t, origin, { width: 1280, height: 720 });
  const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const open = (path: string) => page.goto(`${origin}${path}`);
  /** Every statement that the page offers gives rows; how many there are. */
  async function statements(): Promise<number> {
    const links = await page.getByRole('link', { name: /^SQL for this/ }).all();
    for (const link of links) {
      const sql = new URL((await link.getAttribute('href')) ?? '', origin).searchParams.get('q');
      const answer = await app.inject({ method: 'POST', url: '/api/v1/sql', body: { sql } });
      assert.equal(answer.statusCode, 200, `${sql}: ${answer.body}`);
      assert.ok(answer.json().rows.length > 0, `${sql}: no rows`);
    }
    return links.length;
  }

  await t.test('a run: differences, timeline, log as it grows, and a checkpoint that is pinned', async () => {
    const job = { runId: filled.runs.running, attempt: 1 };
    await recordCheckpoint(db, { ...job, checkpoint: checkpoint('best', 10), keep: DEFAULT_RETENTION });
    const at = '2026-11-26T07:00:00.000Z';
    await recordLogs(db, [{ ...job, text: `${at} step 1`, dropped: 7 }]);
    await open(`/runs/${job.runId}`);
    await shows('7 earlier lines are not kept');
    await recordLogs(db, [{ ...job, text: `${at} step 1\n${at} <i>step 2</i>`, dropped: 7 }]);
    await shows('<i>step 2</i>');
    assert.equal(await page.locator('time[title="2026-11-26 07:00:00 UTC"]').count(), 2);
    await shows(/attempt 1 running/);
    await page.getByRole('button', { name: 'Pin' }).click();
    await page.getByRole('button', { name: 'Unpin' }).waitFor();
    const { rows } = await db.pool.query('SELECT pinned_at FROM checkpoint WHERE run_id = $1', [job.runId]);
    assert.ok(rows[0]?.pinned_at);
    assert.deepEqual(await findings(), []);

    await open(`/runs/${filled.runs.succeeded}`);
    await shows(/is the baseline|Differs from the baseline/);
    await shows(/attempt 2 ended/);
    assert.equal(await statements(), 4, 'figures, curves, events, attempts');
    const curves = page.waitForEvent('download');
    await page.locator('#curves').getByRole('button', { name: 'SVG', exact: true }).click();
    const svg = readFileSync(await (await curves).path(), 'utf8');
    assert.match(svg, /accuracy, % over epoch\. validation from .*loss over epoch\. validation from /s);
    await page.getByRole('link', { name: 'Confusion matrix' }).click();
    await shows(/seed 1, 2,000 images/);
  });

  await t.test(
    'confusion: a cell opens its images, by keyboard too; all seeds; the difference of two configs',
    async () => {
      const { hash } = await openDataset('shapes10', packed);
      await symlink(packed.cache, data.cache);
      await db.pool.query('UPDATE attempt SET dataset_hash = $1', [hash]);
      await page.getByRole('group', { name: /^Confusion of 10 classes/ }).press('ArrowDown');
      await shows(/^bars recognised: /);
      await page.keyboard.press('ArrowRight');
      await shows(/^bars taken for crescent: /);
      await page.getByRole('button', { name: 'Images of bars taken for cross' }).click();
      await page.getByRole('heading', { name: 'bars, taken for cross' }).waitFor();
      await page.locator('[role=img][aria-label^="test image"][style*="blob:"]').first().waitFor();
      await shows(/% sure, truth ranked \d/);
      assert.equal(await statements(), 3, 'matrix, images, confusions');
      await page.reload();
      await page.getByRole('heading', { name: 'bars, taken for cross' }).waitFor();
      assert.deepEqual(await findings(), []);

      await page.getByRole('combobox', { name: 'Of', exact: true }).selectOption('all');
      await shows(/sum over \d seeds \(1, 2/);
      const [, second = ''] = filled.configs;
      await page.getByRole('combobox', { name: 'Difference from' }).selectOption(second);
      await page.getByRole('heading', { name: 'Difference of confusions' }).waitFor();
      await page.waitForURL(new RegExp(`with=${second}`));
      await page.locator('svg[data-plot]').click({ position: { x: 160, y: 160 } });
      await shows(/this: \d of \d seeds/);
    },
  );

  await t.test(
    'a new sweep: the form writes the text, completion knows the schema, and the plan says what it costs',
    async () => {
      await open('/new');
      await shows(/multiply-accumulates an image/);
      await page.getByLabel('Start from').selectOption({ label: 'augmentation by number of samples' });
      await page.getByRole('textbox', { name: 'patch size' }).fill('4, 8');
      await shows('"model.patchSize": [4, 8]');
      await page.getByRole('spinbutton', { name: 'seeds' }).fill('5');
      await shows(/12 configs × 5 seeds = 60 runs/);
      await shows(/These 5 seeds show differences from [\d.]+ points on/);
      await shows(/Device time: about .* like runs/);
      await page.reload();
      await shows('"model.patchSize": [4, 8]');
      assert.deepEqual(await findings(), []);
      await page.getByRole('button', { name: 'Undo all changes' }).click();
      await shows(/6 configs × 3 seeds = 18 runs/);
      await styling(async () => {
        await page.locator('.cm-content').click();
        await page.keyboard.press('Control+Home');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.type('"prio');
        await page.getByRole('option', { name: 'priority' }).click();
        await page.keyboard.type('7,');
        await shows('"priority": 7,');
      });
    },
  );

  await t.test('the fleet: what runs on which worker, and why a sweep waits', async () => {
    await open('/fleet');
    await shows(/2 workers alive, \d of 4 slots in use/);
    const table = page.getByRole('table').first();
    await table
      .getByRole('link', { name: /seed \d/ })
      .first()
      .waitFor();
    assert.deepEqual(await findings(), []);
  });

  await t.test('SQL: a query is saved under a title, opened from the list, drawn, and deleted', async () => {
    await open(`/sql?q=${encodeURIComponent('select seed, test_accuracy from runs where test_accuracy is not null')}`);
    await shows(/[1-9]\d* rows in/);
    await page.getByRole('button', { name: 'Save …' }).click();
    await page.getByLabel('Title').fill('Seeds & results');
    await shows('ablate sql --query seeds-results');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Delete' }).waitFor();
    await page.getByLabel('Plot').selectOption('test_accuracy');
    await page.getByLabel('over').selectOption('seed');
    await page.getByRole('img', { name: /^test_accuracy over seed from 1/ }).waitFor();
    await page.reload();
    await page.getByRole('img', { name: /^test_accuracy over seed from 1/ }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Save …' }).waitFor();
    assert.equal((await db.pool.query('SELECT FROM saved_query')).rowCount, 0);
  });
  assert.deepEqual(complaints, []);
});
