/** How long the page of a large sweep takes to answer what a reader does. */
import type { Browser, Page } from 'playwright-core';

/** Notes when the plot of lines came into the page, when it was drawn on, and when the table of runs changed, each with the frame after it. */
const OBSERVE = `
  globalThis.seen = { plot: 0, drawn: 0, moved: 0, answered: 0, clicked: 0, sorted: 0 };
  const painted = (key) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { seen[key] ||= performance.now(); };
    port2.postMessage(null);
  });
  const stroke = CanvasRenderingContext2D.prototype.stroke;
  let asked = '';
  const ask = (key) => { asked = key; seen[key] = 0; };
  CanvasRenderingContext2D.prototype.stroke = function (...given) {
    if (asked && this.canvas.closest('#parallel')) { painted(asked); asked = ''; }
    return stroke.apply(this, given);
  };
  new MutationObserver((changes) => {
    if (seen.plot === 0 && document.querySelector('#parallel canvas')) {
      seen.plot = performance.now();
      ask('drawn');
    }
    if (seen.clicked > 0 && seen.sorted === 0 && !document.querySelector('#runs table[aria-busy=true]')
      && changes.some(({ target }) => (target.nodeType === 3 ? target.parentElement : target)?.closest?.('#runs tbody')))
      painted('sorted');
  }).observe(document, { subtree: true, childList: true, characterData: true });
  addEventListener('pointermove', ({ timeStamp, target }) => {
    if (target.closest?.('[data-axis]')) { seen.moved = timeStamp; ask('answered'); }
  }, true);
  addEventListener('click', ({ timeStamp, target }) => {
    if (target.closest?.('#runs th')) { seen.clicked = timeStamp; seen.sorted = 0; }
  }, true);
`;

/** Waits for one of the times, and returns how long it came after another. */
async function between(page: Page, from: string, to: string): Promise<number> {
  // Playwright evaluates the condition again and again, which the pages' policy refuses: the context goes without it.
  await page.waitForFunction(`seen.${from} > 0 && seen.${to} > 0`);
  return Number(await page.evaluate(`seen.${to} - seen.${from}`));
}

/** Milliseconds, `repeats` of each. The plot is drawn anew on each visit; the last visit's is brushed and sorted. */
export async function gestures(
  browser: Browser,
  address: string,
  repeats: number,
): Promise<{ linesPaint: number[]; brush: number[]; sort: number[] }> {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 720 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(OBSERVE);
    const linesPaint: number[] = [];
    for (let i = 0; i < repeats; i++) {
      await page.goto(address);
      await page.locator('#parallel canvas').first().scrollIntoViewIfNeeded();
      linesPaint.push(await between(page, 'plot', 'drawn'));
    }
    const grip = page.locator('#parallel [data-axis]').first();
    const box = await grip.boundingBox();
    if (!box) throw new Error('the plot has no axis');
    const brush: number[] = [];
    const x = box.x + box.width / 2;
    await page.mouse.move(x, box.y + 1);
    await page.mouse.down();
    for (let i = 0; i < repeats; i++) {
      await page.mouse.move(x, box.y + ((i + 2) / (repeats + 3)) * box.height);
      brush.push(await between(page, 'moved', 'answered'));
      await page.waitForTimeout(200);
    }
    await page.mouse.up();
    const sort: number[] = [];
    const runs = page.locator('#runs');
    for (let i = 0; i < repeats; i++) {
      await runs.getByRole('button', { name: i % 2 === 0 ? 'test %' : 'validation %' }).click();
      sort.push(await between(page, 'clicked', 'sorted'));
      await page.waitForTimeout(200);
    }
    return { linesPaint, brush, sort };
  } finally {
    await context.close();
  }
}
