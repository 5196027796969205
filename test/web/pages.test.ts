/** The pages in a browser, as a reader uses them: a real API, a real worker, a small sweep. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { encodePng } from '@ablate/files/png';
import { type Installation, install } from '@ablate/harness/installation';
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

/** From a run's page: overlay attention, see where a patch looks, put another config beside it, drop a picture. */
async function lookInside({ page, findings }: WatchedPage, { rows }: Installation): Promise<void> {
  await page.getByRole('link', { name: /^Look inside/ }).click();
  await page.getByRole('radio', { name: /^Image 3: / }).check();
  const tile = page.getByRole('button', { name: /^layer 1, head 2: most at row/ });
  await tile.click();
  await page.getByRole('img', { name: /^layer 1, head 2: most at row/ }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL(/image=3&map=0%2F0$/);
  await page.reload();
  await page.getByRole('img', { name: /^layer 1, head 1: most at row/ }).waitFor();
  assert.ok(await page.getByRole('radio', { name: /^Image 3: / }).isChecked());
  await page.getByRole('button', { name: /^Rollout: / }).click();
  await page.getByRole('img', { name: /^Rollout: most at row/ }).waitFor();
  await page.getByRole('img', { name: /^Similarity of positions: in the same row/ }).waitFor();

  await page.getByLabel('load all queries').check();
  await page.getByRole('slider', { name: 'Patch' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('img', { name: /^Rollout: where row 1, column 2 looks: most at row/ }).waitFor();
  const [shown] = await rows<{ images: number }>('SELECT cardinality(images) AS images FROM inspection');
  assert.equal(shown?.images, 16);

  const pixels = new Uint8Array(40 * 30 * 3).map((_, i) => (i * 5) % 256);
  const picture = Buffer.from(encodePng({ width: 40, height: 30, pixels }));
  await page.getByLabel(/^Or a picture/).setInputFiles({ name: 'own.png', mimeType: 'image/png', buffer: picture });
  await page.waitForURL(/picture=/);
  await page.getByText(/^It is /).waitFor({ state: 'detached' });
  await page.getByRole('img', { name: /^Rollout: most at row/ }).waitFor();
  await page.getByRole('radio', { name: /^Image 1: / }).check();

  await page.getByLabel('beside').selectOption({ label: 'depth 2, seed 1' });
  const other = page.getByRole('region', { name: 'depth 2, seed 1' });
  await other.getByRole('button', { name: /^layer 2, mean of the heads: / }).click();
  await other.getByRole('img', { name: /^layer 2, mean of the heads: / }).waitFor();
  assert.deepEqual(await findings(), []);
}

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

  await lookInside(watched, all);

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
