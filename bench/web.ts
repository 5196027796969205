/** How long the pages take: to the largest paint and until interactive on a slow processor, and to answer a gesture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '@ablate/db';
import { launchChromium, noChromium } from '@ablate/harness/chromium';
import { fill } from '@ablate/harness/fixtures/fill';
import { install } from '@ablate/harness/installation';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { tinySpec } from '@ablate/harness/specs';
import { FINISH, gridSpec } from './answers/fill.ts';
import { describeMachine } from './train/machine.ts';
import { gestures } from './web/gestures.ts';
import { type Measured, type MeasureName, summary, WebResults } from './web/results.ts';
import { webTable } from './web/table.ts';
import { visit } from './web/visit.ts';

const REPEATS = 15;
/** Sweeps beside those of the fixtures, for the list. */
const OTHERS = 188;

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: String(REPEATS) },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- web [options]
  --repeats N   visits of each page (${REPEATS})
  --out FILE    results (bench/results/web.json for ${REPEATS} visits, otherwise .ablate/bench/web.json)
Starts its own servers, and needs Chromium (CHROMIUM_PATH). Takes two minutes on an idle machine.`);
  process.exit(0);
}
const repeats = Number(values.repeats);
if (!Number.isInteger(repeats) || repeats < 1) throw new Error('--repeats: must be a whole number of at least 1');
const missing = noChromium();
if (missing) throw new Error(missing);
const out = resolve(
  values.out ?? (repeats === REPEATS ? resolve(import.meta.dirname, 'results/web.json') : '.ablate/bench/web.json'),
);

const all = await install({ workers: 0, sql: true, settings: {} });
const browser = await launchChromium();
try {
  all.api.start();
  await all.ready();
  console.error('writing sweeps …');
  const db = openDatabase({ url: all.postgres.url() });
  for (let i = 0; i < OTHERS; i++) await queueSweep(db, tinySpec({ name: `other ${i}`, seeds: 1 }));
  await db.pool.query("UPDATE sweep SET created_at = now() - interval '1 day'");
  const { sweeps } = await fill(db);
  const large = await queueSweep(db, gridSpec('ten thousand configs', [10, 10, 10, 10], 1));
  for (const text of FINISH) await db.pool.query(text, [large]);
  await db.pool.query('ANALYZE');
  await db.close();

  const measured: Measured[] = [];
  const note = (name: MeasureName, times: readonly number[]) => {
    const one = summary(name, times);
    console.error(`${name}: ${one.median.toFixed(0)} ms, 95 % below ${one.p95.toFixed(0)} ms`);
    measured.push(one);
  };
  const VISITS = [
    ['listPaint', 'listInteractive', '/', /ordering × patch size/],
    ['sweepPaint', 'sweepInteractive', `/sweeps/${sweeps.orders}`, /Worth its cost/],
  ] as const;
  for (const [paint, interactive, path, shows] of VISITS) {
    await visit(browser, `${all.origin}${path}`, shows); // not measured: the service is warm afterwards
    const visits: Awaited<ReturnType<typeof visit>>[] = [];
    for (let i = 0; i < repeats; i++) visits.push(await visit(browser, `${all.origin}${path}`, shows));
    note(
      paint,
      visits.map((one) => one.paint),
    );
    note(
      interactive,
      visits.map((one) => one.interactive),
    );
  }
  const found = await gestures(browser, `${all.origin}/sweeps/${large}`, repeats);
  note('linesPaint', found.linesPaint);
  note('brush', found.brush);
  note('sort', found.sort);
  const machine = describeMachine({});
  const results = WebResults.parse({ browser: `Chromium ${browser.version()}`, measured, machine });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
  console.log(webTable(results));
  console.error(`results: ${out}`);
} finally {
  await browser.close();
  await all.close();
}
