import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { temporaryFolder } from '@ablate/harness/temporary';
import { startUsageMeter } from '../../apps/worker/src/usage.ts';

const home = temporaryFolder();
after(() => home.remove());

const counter = (name: string, energy: number, range = 1_000_000_000) => {
  mkdirSync(join(home.path, name), { recursive: true });
  writeFileSync(join(home.path, name, 'energy_uj'), `${energy}\n`);
  writeFileSync(join(home.path, name, 'max_energy_range_uj'), `${range}\n`);
};

test('energy is the sum over processor packages, without their parts, and survives a counter that wraps around', async (t) => {
  counter('intel-rapl:0', 999_000_000);
  counter('intel-rapl:1', 5_000_000);
  counter('intel-rapl:0:1', 1);
  const meter = await startUsageMeter(process.pid, { alone: true, folder: home.path });
  t.after(meter.close);
  counter('intel-rapl:0', 2_000_000);
  counter('intel-rapl:1', 9_500_000);
  counter('intel-rapl:0:1', 900_000_000);
  assert.equal((await meter.read()).energyJoules, 3 + 4.5);
  counter('intel-rapl:0', 3_000_000);
  assert.equal((await meter.read()).energyJoules, 8.5);
});

test('energy is null without counters, and for runs that share a machine', async (t) => {
  for (const options of [
    { alone: true, folder: join(home.path, 'none') },
    { alone: false, folder: home.path },
  ]) {
    const meter = await startUsageMeter(process.pid, options);
    t.after(meter.close);
    assert.equal((await meter.read()).energyJoules, null);
  }
});

test('the peak of memory is that since the meter was started', {
  skip: process.platform !== 'linux' && 'the kernel counts no peak',
}, async (t) => {
  const source = `let kept = Buffer.alloc(300e6, 1); process.on('message', () => { kept = null; const freed = () => { gc(); if (process.memoryUsage().rss < 200e6) process.send('freed'); else setTimeout(freed, 20); }; freed(); }); process.send('ready');`;
  writeFileSync(join(home.path, 'child.cjs'), source);
  const child = fork(join(home.path, 'child.cjs'), [], { execArgv: ['--expose-gc'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'message');
  const before = await startUsageMeter(child.pid ?? 0, { alone: false });
  const high = (await before.read()).peakMemoryBytes ?? 0;
  assert.ok(high > 300e6, `${high}`);
  child.send('free');
  await once(child, 'message');
  const later = await startUsageMeter(child.pid ?? 0, { alone: false });
  const low = (await later.read()).peakMemoryBytes ?? Number.POSITIVE_INFINITY;
  assert.ok(low < high - 200e6, `${low} after ${high}`);
});
