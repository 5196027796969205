/** The pages sweeps, sweep and compare in a browser, on sweeps that have been played. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Answer, DecisionView, page as listOf, RunView, SqlAnswer } from '@ablate/contracts';
import { fill } from '@ablate/harness/fixtures/fill';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { advanceSearches, localContext, openDecider } from '@ablate/sweeps';
import type { Locator } from 'playwright-core';
import { z } from 'zod';
import { runningApp } from '../api/running-app.ts';
import { noChromium } from '../support/chromium.ts';
import { findSpec } from '../support/searches.ts';
import { watchedPage } from './watched-page.ts';

const Row = z.object({ mean: z.number(), sd: z.number(), difference: z.number().nullable() });

/** The fields of a line of CSV. */
const fields = (line: string): string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field = '']) => field.replace(/^"|"$/g, ''));

test('sweeps, a sweep and a comparison', { skip: noChromium }, async (t) => {
  const { app, db } = await runningApp({ sql: true });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const filled = await fill(db);
  const { orders, running, manyConfigs } = filled.sweeps;
  const { page, complaints, findings } = await watchedPage(t, origin, { width: 1280, height: 720 });
  const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const open = (path: string) => page.goto(`${origin}${path}`);
  const api = async <T>(schema: z.ZodType<T>, path: string, init?: RequestInit): Promise<T> =>
    schema.parse(await (await fetch(`${origin}/api/v1${path}`, init)).json());

  /** The text of the file behind a button. */
  async function saved(part: Locator, format: string): Promise<string> {
    const waiting = page.waitForEvent('download');
    await part.getByRole('button', { name: format, exact: true }).click();
    return readFileSync(await (await waiting).path(), 'utf8');
  }

  await t.test('the list: what each sweep says, filters in the address, and keys', async () => {
    await open('/');
    const items = page.getByRole('main').getByRole('listitem');
    const row = items.filter({ hasText: 'block order and patch size' });
    await row.getByText('(ordering × patch size + model) × 5 seeds').waitFor();
    await row.getByText(/Ordering, against preNorm: postNorm is worse by/).waitFor();
    await row.getByText(/\d h .* used/).waitFor();
    const active = items.filter({ hasText: 'while it runs' });
    await active.getByText('So far: ').waitFor();
    await active.getByText(/min.* left/).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('nothing');
    await page.waitForURL(/q=nothing/);
    await items.nth(1).waitFor({ state: 'detached' });
    assert.equal(await items.count(), 1);
    await page.getByRole('combobox', { name: 'State' }).selectOption('running');
    await shows('No sweep matches');
    await page.getByRole('button', { name: 'Remove the filter' }).click();
    await page.getByRole('combobox', { name: 'Owner' }).selectOption('grace');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('cost');
    await page.waitForURL(/owner=grace.*order=cost/);
    await page.reload();
    await active.waitFor();
    assert.equal(await items.count(), 1);
    assert.deepEqual(await findings(), []);
    await page.getByRole('combobox', { name: 'Order' }).press('n');
    assert.match(page.url(), /owner=grace/, 'a key in a field starts nothing');
    await page.getByRole('heading', { name: 'Sweeps' }).click();
    await page.keyboard.press('n');
    await page.waitForURL(/\/new$/);
  });

  await t.test('the answer: every number of the table is that of its statement, for any baseline', async () => {
    for (const baseline of ['', '?baseline=4', '?split=validation&metric=loss']) {
      await open(`/sweeps/${orders}${baseline}`);
      const part = page.locator('#answer');
      const [head = [], ...lines] = (await saved(part, 'CSV')).trim().split('\n').map(fields);
      const column = (name: string) => lines.map((line) => Number(line[head.indexOf(name)]));
      const href = (await part.getByRole('link', { name: 'SQL for this' }).getAttribute('href')) ?? '';
      const sql = new URL(href, origin).searchParams.get('q');
      const body = JSON.stringify({ sql });
      const { columns, rows } = await api(SqlAnswer, '/sql', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      const found = rows.map((row) => Row.parse(Object.fromEntries(row.map((value, i) => [columns[i]?.name, value]))));
      assert.equal(found.length, 9);
      for (const [i, { mean, sd, difference }] of found.entries()) {
        assert.ok(Math.abs(mean - (column('mean')[i] ?? 0)) < 1e-9);
        assert.ok(Math.abs(sd - (column('sd')[i] ?? 0)) < 1e-9);
        // With a missing seed, the answer pools over the seeds of all configs; the statement for another baseline pairs seeds alone.
        if (baseline !== '?baseline=4' || column('pairs')[i] === 5)
          assert.ok(Math.abs((difference ?? 0) - (column('difference')[i] ?? 0)) < 1e-9, `row ${i}`);
      }
    }
  });

  await t.test('a sweep: sorted, other configs chosen, saved, and the same after a reload', async () => {
    await open(`/sweeps/${orders}`);
    const table = page.getByRole('table', { name: /Configs of the sweep/ });
    await table.getByRole('button', { name: 'MACs' }).click();
    await page.waitForURL(/sort=macs/);
    await table.getByRole('button', { name: 'MACs' }).click();
    await page.waitForURL(/sort=-macs/);
    const { rows } = await api(Answer, `/sweeps/${orders}/answer`);
    const byMacs = rows
      .filter(({ baseline }) => !baseline)
      .sort((a, b) => (b.macs ?? 0) - (a.macs ?? 0) || a.position - b.position);
    const boxes = table.getByRole('checkbox');
    for (const [i, { name }] of byMacs.entries())
      assert.equal(await boxes.nth(i + 1).getAttribute('aria-label'), `Choose ${name} for a comparison`);
    await table.getByRole('checkbox', { name: /parallel, patchSize 4/ }).check();
    await page.getByRole('link', { name: 'Compare with the baseline' }).waitFor();
    await table.getByRole('checkbox', { name: /resnet20/ }).check();
    await page.reload();
    assert.equal(await table.getByRole('columnheader', { name: 'MACs' }).getAttribute('aria-sort'), 'descending');
    await page.locator('#parallel').getByRole('status').waitFor();
    assert.deepEqual(await findings('#parallel'), []);

    const svg = await saved(page.locator('#effects'), 'SVG');
    assert.match(svg, /^<svg [\s\S]*ordering: postNorm[\s\S]*worse/);
    assert.match(await saved(page.locator('#interactions'), 'LaTeX'), /\\toprule[\s\S]*\\num\{[+-]/);
    assert.match(await saved(page.locator('#pareto'), 'Markdown'), /^\| config \| MACs \| test % \| status \|$/m);
    assert.match(await saved(page.locator('#curves'), 'SVG'), /val\/accuracy over epoch/);
    assert.match(await saved(page.locator('#failures'), 'CSV'), /^failed,out_of_memory,\d,/m);
    assert.match((await saved(page.locator('#interactions'), 'PNG')).slice(0, 4), /PNG/);

    await page.getByRole('link', { name: 'Compare 2' }).click();
    await page.getByRole('heading', { name: 'What differs' }).waitFor();
  });

  await t.test('1,000 configs: in pages, and as lines that brushes keep', async () => {
    await open(`/sweeps/${manyConfigs}`);
    await page.getByRole('button', { name: 'Next' }).click();
    await shows('101–200 of 999');
    const last = page
      .getByRole('table', { name: /Configs of the sweep/ })
      .getByRole('row')
      .last();
    assert.equal(await last.getAttribute('aria-rowindex'), '202');

    const status = page.locator('#parallel').getByRole('status');
    await page.getByRole('spinbutton', { name: 'weight decay: least' }).fill('0.055');
    await status.getByText('400 of 1,000 configs kept').waitFor();
    await page.waitForURL(/brush=/);
    await page.reload();
    await status.getByText('400 of 1,000 configs kept').waitFor();
    const grip = page.locator('[data-axis="train.labelSmoothing"]');
    await grip.scrollIntoViewIfNeeded();
    const box = (await grip.boundingBox()) ?? assert.fail();
    const x = box.x + box.width / 2;
    await page.mouse.move(x, box.y + 1);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await status.getByText('200 of 1,000 configs kept').waitFor();
    await page.getByRole('button', { name: 'Show as table' }).last().click();
    await page
      .getByRole('table', { name: /configs that are kept/ })
      .getByRole('row')
      .nth(50)
      .waitFor();
    assert.equal((await saved(page.locator('#parallel'), 'CSV')).trim().split('\n').length, 201);
    assert.equal((await saved(page.locator('#parallel'), 'SVG')).match(/stroke="#0072b2"/g)?.length, 200);
    await page.getByRole('button', { name: 'Keep all' }).click();
    await status.getByText(/^1,000 configs/).waitFor();
  });

  await t.test('runs: ordered by the database, of one state', async () => {
    await open(`/sweeps/${running}`);
    const runs = page.getByRole('table', { name: 'Runs of the sweep' });
    await runs.getByRole('button', { name: 'test %' }).click();
    await page.waitForURL(/runs=-test/);
    const { items } = await api(listOf(RunView), `/sweeps/${running}/runs?order=test&descending=true&limit=1`);
    await runs
      .getByRole('row')
      .nth(1)
      .getByText((100 * (items[0]?.testAccuracy ?? 0)).toFixed(2))
      .waitFor();
    await page.locator('#runs').getByRole('combobox', { name: 'State' }).selectOption('running');
    await runs.getByRole('row').nth(4).waitFor({ state: 'detached' });
    assert.equal(await runs.getAttribute('aria-rowcount'), '4');
    await shows(/Device time: .* used, about .* to go/);
    await shows(/Ends in about/);
  });

  await t.test(
    'a comparison of configs of different sweeps: a warning, one plot of curves, another baseline',
    async () => {
      await open(`/compare?c=${filled.configs[0]},${manyConfigs}:3`);
      await shows(/the training budget differs: train\.epochs/);
      await page.getByRole('img', { name: /val\/accuracy over epoch: .*; .* from/ }).waitFor();
      await page.getByRole('rowheader', { name: 'train.epochs' }).waitFor();
      await page.getByRole('button', { name: /^Baseline ?: / }).click();
      await page.waitForURL(new RegExp(`c=[^&]*${filled.configs[0]}$`));
      await shows(/^Baseline: .*labelSmoothing/);
      await page
        .locator('#differences')
        .getByRole('row', { name: /train\.epochs\s+3\s+12/ })
        .waitFor();
      assert.match(await saved(page.locator('#differences'), 'CSV'), /^config,train\.epochs,3,12$/m);
      await page.reload();
      await shows(/the training budget differs/);
      assert.deepEqual(await findings(), []);
    },
  );

  await t.test('a search: what it decided', async () => {
    const id = await queueSweep(db, findSpec());
    const decider = openDecider();
    t.after(() => decider.close());
    await advanceSearches(localContext(db), decider);
    await open(`/sweeps/${id}`);
    const { items } = await api(listOf(DecisionView), `/sweeps/${id}/decisions?summary=true`);
    await page.locator('#decisions').getByRole('listitem').first().waitFor();
    assert.deepEqual(
      await page.locator('#decisions').getByRole('listitem').allInnerTexts(),
      items.map(({ text }) => text),
    );
    assert.deepEqual(await findings(), []);
  });

  assert.deepEqual(complaints, []);
});
