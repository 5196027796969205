/** Chromium for tests of pages. */
import type { TestContext } from 'node:test';
import { launchChromium, noChromium as missing } from '@ablate/harness/chromium';
import type { Browser } from 'playwright-core';

/** Why tests of pages are skipped; false if Chromium is installed. */
export const noChromium: string | false = missing();

/** A browser, closed after the test. */
export async function openBrowser(t: Pick<TestContext, 'after'>): Promise<Browser> {
  const browser = await launchChromium();
  t.after(() => browser.close());
  return browser;
}
