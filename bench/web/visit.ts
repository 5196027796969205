/** How long a reader with a slow machine and an empty cache waits for a page. */
import type { Browser } from 'playwright-core';

const SLOWER = 4;
/** A page is interactive once no task of 50 ms or more has run for so long. */
const QUIET_MS = 500;

/** Notes when the largest content was painted, and when the last long task ended. */
const OBSERVE = `
  globalThis.waits = { paint: 0, busy: 0 };
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) waits.paint = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) waits.busy = startTime + duration;
  }).observe({ type: 'longtask', buffered: true });
`;

const SETTLED = `new Promise((done) => {
  const look = () =>
    waits.paint > 0 && performance.now() - Math.max(waits.busy, waits.paint) > ${QUIET_MS} ? done(waits) : setTimeout(look, 50);
  look();
})`;

/** Opens `address` in a new context; `shows` is text of its main content. Milliseconds from the start of the navigation. */
export async function visit(
  browser: Browser,
  address: string,
  shows: RegExp,
): Promise<{ paint: number; interactive: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(OBSERVE);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.goto(address);
    await page.getByText(shows).first().waitFor();
    const { paint, busy } = await page.evaluate<{ paint: number; busy: number }>(SETTLED);
    return { paint, interactive: Math.max(paint, busy) };
  } finally {
    await context.close();
  }
}
