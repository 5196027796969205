/** The pages on sweeps that are out of the ordinary, in a browser as wide as a phone. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Filled, fill } from '@ablate/harness/fixtures/fill';
import { EMPTY, PAGES, type PageFixture } from '@ablate/harness/fixtures/pages';
import { runningApp } from '../api/running-app.ts';
import { noChromium } from '../support/chromium.ts';
import { type WatchedPage, watchedPage } from './watched-page.ts';

const PHONE = { width: 390, height: 844 };

/** Pages that axe reads here; test/web/pages.test.ts has others. */
const AUDITED = new Set(['sweeps', 'run-failed']);

/** Pages with state in their address. */
const STATEFUL = new Set(['sweeps-filtered', 'sweep-validation-loss', 'compare', 'sql', 'run', 'inside-two']);

const CONTROLS = String.raw`/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/`;

const READ = `({
  text: document.getElementById('main').innerText
    .replace(/ in [0-9.]+ s/, '').replace(/[0-9]+ (second|minute)s? ago/g, ''),
  wide: document.documentElement.scrollWidth,
  control: ${CONTROLS}.test(document.documentElement.textContent),
  title: document.title,
})`;

/** A page whose text is the same after so long has what it asked for. */
const SETTLED_MS = 100;

type View = { text: string; wide: number; control: boolean; title: string };

/** What a reader sees of the page, when it has loaded and changes no more. Durations of statements and ages are left out. */
async function viewOf({ page }: WatchedPage, shows: PageFixture['shows']): Promise<View> {
  await page.getByText(shows).first().waitFor();
  for (let last = ''; ; ) {
    await page
      .getByText(/^Loading .*…$/)
      .first()
      .waitFor({ state: 'detached' });
    const view: View = await page.evaluate(READ);
    if (view.text === last) return view;
    last = view.text;
    await sleep(SETTLED_MS);
  }
}

test('pages of every situation show what there is, as text, and fit a phone', { skip: noChromium }, async (t) => {
  const { app, db } = await runningApp({ sql: true });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const watched = await watchedPage(t, origin, PHONE);
  const { page, context, complaints } = watched;

  const open = async (fixture: PageFixture, filled: Filled) => {
    await page.goto(`${origin}${fixture.address(filled)}`);
    return viewOf(watched, fixture.shows);
  };
  await page.goto(origin);
  await viewOf(watched, EMPTY.shows);
  const filled = await fill(db);

  // First: later, the browser has the scripts of all pages.
  await t.test('without a connection, pages say so, keep what they have, and come back', async () => {
    await page.goto(`${origin}/sweeps/${filled.sweeps.orders}`);
    await viewOf(watched, 'Worth its cost');
    await context.setOffline(true);
    app.server.closeAllConnections();
    await page.getByText('No connection: trying again').waitFor();
    await page.getByText('Worth its cost').waitFor();
    await page.getByRole('link', { name: 'Fleet' }).click();
    await page.getByText('Could not load the page').waitFor();
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/workers alive/).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    assert.deepEqual(
      complaints.splice(0).filter((text) => !/preload/.test(text)),
      [],
    );
  });

  for (const fixture of PAGES)
    await t.test(fixture.name, async () => {
      const view = await open(fixture, filled);
      assert.equal(view.wide, PHONE.width, 'the page is wider than a phone');
      assert.equal(view.control, false, 'a control character is on the page');
      assert.match(view.title, / · Ablate$/);
      assert.doesNotMatch(view.title, /^executed/);
      if (AUDITED.has(fixture.name)) assert.deepEqual(await watched.findings(), []);
      assert.deepEqual(complaints.splice(0), []);
      if (!STATEFUL.has(fixture.name)) return;
      await page.reload();
      assert.equal((await viewOf(watched, fixture.shows)).text, view.text);
    });
});
