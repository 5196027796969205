/** Pictures of one page, whole, in every mode. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request } from 'playwright-core';
import { MODES } from './modes.ts';

/** A page that is longer is cut off: its end repeats its middle. */
const MAX_HEIGHT = 5000;

const LOADED = '!/Loading .*…/.test(document.body.innerText)';

/** Browsers make a page that is wider than the paper smaller, down to a half. */
const MAX_SHRINK = 2;

/** How wide the browser lays out the page for paper of this width. */
async function printedWidth(page: Page, paper: number): Promise<number> {
  const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
  return Math.min(MAX_SHRINK * paper, widest);
}

/** A page that has asked for nothing for so long shows all that it will. */
const QUIET_MS = 200;

/** Returns how to wait until the page waits for no answer; the stream of events never ends. */
function watchRequests(page: Page): () => Promise<void> {
  const open = new Set<Request>();
  let changed = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith('/events/stream')) return;
    open.add(request);
    changed = performance.now();
  });
  const ended = (request: Request): void => {
    if (open.delete(request)) changed = performance.now();
  };
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  return async () => {
    while (open.size > 0 || performance.now() - changed < QUIET_MS) await sleep(50);
  };
}

/** Opens `address` and writes a PNG for each mode into `folder`; returns the names of the files. */
export async function photograph(
  page: Page,
  { address, shows, name }: { address: string; shows: string | RegExp; name: string },
  folder: string,
): Promise<string[]> {
  const files: string[] = [];
  const quiet = watchRequests(page);
  for (const mode of MODES) {
    await page.setViewportSize({ width: mode.width, height: mode.height });
    await page.emulateMedia({ colorScheme: mode.colorScheme, media: mode.media, reducedMotion: 'reduce' });
    if (files.length === 0) await page.goto(address);
    // On paper what leads elsewhere is hidden: the text may be there.
    await page
      .getByText(shows)
      .first()
      .waitFor({ state: mode.media === 'print' ? 'attached' : 'visible' });
    await page.waitForFunction(LOADED);
    await quiet();
    const width = mode.media === 'print' ? await printedWidth(page, mode.width) : mode.width;
    await page.setViewportSize({ width, height: mode.height });
    const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
    const file = `${name}.${mode.name}.png`;
    await page.screenshot({
      path: join(folder, file),
      animations: 'disabled',
      caret: 'hide',
      fullPage: true,
      clip: { x: 0, y: 0, width, height: Math.min(MAX_HEIGHT, Math.max(mode.height, height)) },
    });
    files.push(file);
  }
  page.removeAllListeners();
  return files;
}
