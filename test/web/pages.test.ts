/** The pages in a browser, as a reader uses them: a real API, a real worker, a small sweep. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { install } from '@ablate/harness/installation';
import { noChromium } from '../support/chromium.ts';
import { type WatchedPage, watchedPage } from './watched-page.ts';

const SPEC = {
  version: 1,
  name: '<b>depth</b> of a small ViT',
  dataset: { name: 'shapes10', samples: 400 },
  model: { family: 'vit', patchSize: 8, width: 24, depth: 1, heads: 2, mlpRatio: 2 },
  train: { epochs: 3, batchSize: 32, optimizer: { name: 'adamw', learningRate: 0.003 } },
  seeds: [1, 2],
  space: { 'model.depth': [1, 2] },
};

const SIDES = { width: 1280, height: 720 };

/** An installation with the read-only role, and a browser page. */
async function opened(t: test.TestContext) {
  const all = await install({ workers: 1, sql: true });
  t.after(() => all.close());
  all.api.start();
  await all.ready();
  return { all, ...(await watchedPage(t, all.origin, SIDES)) };
}

/** Replaces the text of the page's editor. */
const write = ({ page, styling }: WatchedPage, text: string): Promise<void> =>
  styling(async () => {
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  });

test('a reader submits a sweep, watches it, reads the answer, and asks SQL for the same', {
  skip: noChromium,
}, async (t) => {
  const watched = await opened(t);
  const { all, page, context, complaints, findings } = watched;
  const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();

  await page.goto(all.origin);
  await shows('No sweeps yet');
  assert.deepEqual(await findings(), []);

  await page.getByRole('link', { name: 'New sweep' }).click();
  await write(watched, '{ "version": 1, ');
  await shows('The spec is not valid JSON yet.');
  await write(watched, JSON.stringify({ ...SPEC, model: { ...SPEC.model, patchSize: 5 } }, null, 2));
  await shows(/\/model\/patchSize/);
  await write(watched, JSON.stringify(SPEC, null, 2));
  await shows('2 configs × 2 seeds = 4 runs');
  assert.deepEqual(await findings(), []);
  await page.getByRole('button', { name: 'Submit 4 runs' }).click();
  await shows(/provisional: 0 of 4 runs/);
  await page.getByRole('heading', { name: SPEC.name }).waitFor();

  await page.goto(`${all.origin}/fleet`);
  await shows('No worker is alive');
  await page.goBack();
  all.workers[0]?.start();
  await shows(/provisional: [12] of 4 runs/);
  await all.finished();
  await page.getByText(/^provisional/).waitFor({ state: 'detached' });
  await page.getByRole('img', { name: /val\/accuracy over epoch: depth \d from/ }).waitFor();
  assert.deepEqual(await findings(), []);

  const { id } = (await all.rows<{ id: string }>('SELECT id FROM sweep'))[0] ?? assert.fail();
  const cells = await all.rows<{ mean: number }>(
    `SELECT test_mean AS mean FROM reporting.ablation WHERE sweep_id = $1 ORDER BY position`,
    [id],
  );
  const table = page.getByRole('table', { name: /Configs of the sweep/ });
  for (const [i, { mean }] of cells.entries())
    assert.match(
      (await table
        .getByRole('row')
        .nth(i + 1)
        .textContent()) ?? '',
      new RegExp(`${(100 * mean).toFixed(2)} ±`),
    );

  const pinned = (depth: string) => table.getByRole('row').nth(1).getByRole('rowheader', { name: depth, exact: true });
  await pinned('1').waitFor();
  const second = table.getByRole('row').nth(2);
  await second.hover();
  await second.getByRole('button', { name: /compare with this/ }).click();
  await page.waitForURL(/baseline=1/);
  await pinned('2').waitFor();
  await page.reload();
  await pinned('2').waitFor();
  await page.getByText('Validation', { exact: true }).click();
  await page.getByRole('columnheader', { name: 'validation accuracy, %' }).waitFor();

  const links = await page.getByRole('link', { name: 'SQL for this' }).all();
  const statements = await Promise.all(links.map((link) => link.getAttribute('href')));
  assert.ok(statements.length >= 2, 'the Pareto front and the curves have a statement');
  for (const statement of statements) {
    await page.goto(`${all.origin}${statement}`);
    await shows(/[1-9]\d* rows? in \d/);
  }
  await write(watched, 'delete from runs');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('alert').waitFor();
  await write(watched, 'select axes, test_mean from ablation where sweep_id = :sweep order by position');
  await page.getByLabel(':sweep').fill(id);
  await page.getByRole('button', { name: /^Run/ }).click();
  await page.getByRole('cell', { name: String(cells[0]?.mean) }).waitFor();
  assert.deepEqual(await findings(), []);
  await page.reload();
  await page.getByRole('cell', { name: String(cells[0]?.mean) }).waitFor();

  const [run] = await all.rows<{ id: string }>('SELECT id FROM run ORDER BY position');
  await page.goto(`${all.origin}/runs/${run?.id}`);
  await page.getByRole('img', { name: /accuracy, % over epoch: validation from/ }).waitFor();
  await page.getByRole('button', { name: 'Show as table' }).first().click();
  await page.getByRole('rowheader', { name: '3', exact: true }).waitFor();
  assert.deepEqual(await findings(), []);

  await context.setOffline(true);
  await all.api.signal('SIGKILL');
  await shows('No connection: trying again');
  all.api.start();
  await all.ready();
  await context.setOffline(false);
  await shows('Live');

  for (const [address, text] of [
    ['/runs/00000000-0000-4000-8000-000000000000', 'Unknown run'],
    ['/sweeps/00000000-0000-4000-8000-000000000000', 'Unknown sweep'],
    ['/nowhere', 'Unknown page'],
  ] as const) {
    await page.goto(`${all.origin}${address === '/nowhere' ? '/' : address}`);
    if (address === '/nowhere')
      await page.evaluate("history.pushState(null, '', '/nowhere'); dispatchEvent(new PopStateEvent('popstate'))");
    await shows(text);
  }
  assert.deepEqual(complaints, []);
});
