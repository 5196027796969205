import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('40 steps, and 20 + 20 in two processes, end with the same bytes, with dropout, AdamW, clipping and averages', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ablate-resume-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const child = join(import.meta.dirname, 'resume-child.ts');
  const train = (from: number, to: number, input: string, output: string): string => {
    const file = join(folder, output);
    const given = input === '-' ? input : join(folder, input);
    execFileSync(process.execPath, ['--import', 'tsx', child, `${from}`, `${to}`, given, file], { stdio: 'pipe' });
    return readFileSync(file).toString('base64');
  };
  const whole = train(0, 40, '-', 'whole');
  const half = train(0, 20, '-', 'half');
  const resumed = train(20, 40, 'half', 'resumed');
  assert.notEqual(half, whole);
  assert.ok(resumed === whole, 'the resumed state differs');
});
