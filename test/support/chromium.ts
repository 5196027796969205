/** Chromium for tests of pages. */
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

const executable = (): string | undefined => process.env.CHROMIUM_PATH ?? PATHS.find((path) => existsSync(path));

/** Why tests of pages are skipped; false if Chromium is installed. */
export const noChromium: string | false =
  executable() === undefined && 'no Chromium: install the package `chromium`, or set CHROMIUM_PATH';

/** A browser, closed after the test. */
export async function openBrowser(t: Pick<TestContext, 'after'>): Promise<Browser> {
  // Chromium's sandbox refuses to start for root.
  const browser = await chromium.launch({
    executablePath: executable(),
    chromiumSandbox: process.getuid?.() !== 0,
  });
  t.after(() => browser.close());
  return browser;
}
