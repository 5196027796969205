/** A page of a browser, and what it complains about. */
import type { TestContext } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../support/chromium.ts';

export type WatchedPage = {
  page: Page;
  context: BrowserContext;
  /** Errors in the console or of scripts, and requests to other servers. */
  complaints: string[];
  /** Serious findings of axe in both colour schemes, of the whole page or of the part that a selector names. */
  findings(part?: string): Promise<string[]>;
  /** Does what the pages' policy refuses a style for: axe measures with styles of its own, and so does Chromium for text that replaces a selection. */
  styling<T>(act: () => Promise<T>): Promise<T>;
};

export async function watchedPage(
  t: Pick<TestContext, 'after'>,
  origin: string,
  viewport: { width: number; height: number },
): Promise<WatchedPage> {
  const browser = await openBrowser(t);
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  let quiet = false;
  page.on('console', (message) => {
    if (message.type() === 'error' && !quiet && !/ERR_|status of 4/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) complaints.push(request.url());
  });
  const styling = async <T>(act: () => Promise<T>): Promise<T> => {
    quiet = true;
    const result = await act();
    quiet = false;
    return result;
  };
  const findings = (part = 'html') =>
    styling(async () => {
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).include(part).analyze();
        for (const { id, impact, nodes } of violations)
          if (impact === 'serious' || impact === 'critical') found.push(`${colorScheme}: ${id} at ${nodes[0]?.html}`);
      }
      await page.emulateMedia({ colorScheme: 'light' });
      return found;
    });
  return { page, context, complaints, findings, styling };
}
