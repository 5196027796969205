/**
 * The nemesis: random faults over simulated trainers, for volume, and over real ones. A few rounds from a seed that is
 * printed; `npm run test:faults` runs many, or repeats one.
 */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Config } from '@ablate/contracts';
import { type Installation, install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { undisturbed } from '@ablate/harness/simulated/fit';
import { temporaryFolder } from '@ablate/harness/temporary';
import { setOwner } from '@ablate/sweeps';
import { fit } from '@ablate/training';
import { testEnvironment } from '../support/run-environment.ts';
import { data, tinyCommand } from '../support/tiny.ts';
import type { Expected } from './invariants.ts';
import { asked } from './meddling.ts';
import { playRound, type RoundOptions } from './round.ts';
import { FIRST_ROUND, REAL_ROUNDS, REPORT, ROUNDS, SEED } from './settings.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => FIRST_ROUND + i);

/** The logs of a slower round are kept. */
const SLOW_SECONDS = 30;

async function play(t: TestContext, all: Installation, trainer: string, options: RoundOptions): Promise<void> {
  const played = await playRound(all, options);
  if (REPORT !== undefined) appendFileSync(REPORT, `${JSON.stringify({ trainer, ...played })}\n`);
  t.diagnostic(`${played.done.join('; ')} → ${JSON.stringify(played.causes)} in ${played.seconds.toFixed(1)} s`);
  const logs = [all.api, ...all.workers].map(({ name, log }) => `--- ${name}\n${log().slice(-20_000)}`).join('\n');
  if (REPORT !== undefined && played.seconds > SLOW_SECONDS)
    appendFileSync(`${REPORT}.log`, `=== round ${played.round} of seed ${played.seed}\n${logs}\n`);
  assert.deepEqual(played.broken, [], `invariants are violated: ${JSON.stringify(played.broken, null, 2)}\n${logs}`);
  // A worker whose first trainer is killed during start-up exits; its supervisor restarts it.
  const fatal = logs
    .split('\n')
    .filter((line) => /"level":60(?!.*during start-up, the trainer exited on SIG)/.test(line));
  assert.deepEqual(fatal, [], 'a process exited on an unhandled error');
}

/** `atOnce`: the limit of running runs of the owner of all sweeps; fewer than there are slots. */
type NemesisOptions = Omit<RoundOptions, 'round'> & { atOnce?: number };

function nemesis(trainer: string, rounds: number, env: Record<string, string>, { atOnce, ...options }: NemesisOptions) {
  let all: Installation;
  before(async () => {
    all = await install({ workers: 2, env: { ...env, ABLATE_SLOTS: String(options.slots) } });
    for (const one of [all.api, ...all.workers]) one.start();
    await all.ready();
    if (atOnce !== undefined)
      await asked(all, (context) => setOwner(context, { name: 'default', limits: { running: atOnce } }));
  });
  after(() => all?.close());
  for (const round of numbers(rounds))
    test(`round ${round} of seed ${SEED}`, (t) => play(t, all, trainer, { ...options, round }));
}

if (ROUNDS > 0)
  describe('the nemesis over simulated trainers', () =>
    nemesis('simulated', ROUNDS, simulatedTrainer({ seconds: 0.8 }), {
      seed: SEED,
      slots: 2,
      atOnce: 3,
      faults: 6,
      ms: 3_000,
      sweeps: 2,
      configs: 2,
      seeds: 4,
      expected: async (config, seed) => undisturbed(config, seed),
    }));

/** Real training in this process, without faults. */
const trainedAlone: Expected = async (config: Config, seed: number) => {
  const folder = temporaryFolder();
  const options = { data, checkpointSeconds: 3600, environment: testEnvironment, stop: new AbortController().signal };
  const metrics = new Map<string, number>();
  try {
    for await (const event of fit(tinyCommand(folder.path, { config, seed }), options)) {
      if (event.type === 'metrics')
        for (const { name, step, value } of event.rows) metrics.set(`${name} ${step}`, value);
      if (event.type === 'finished') return { metrics, result: event.result };
    }
  } finally {
    folder.remove();
  }
  throw new Error('an undisturbed run did not finish');
};

if (REAL_ROUNDS > 0)
  describe('the nemesis over real trainers', () =>
    nemesis(
      'real',
      REAL_ROUNDS,
      { ABLATE_THREADS: '1' },
      {
        seed: SEED,
        slots: 1,
        faults: 4,
        ms: 10_000,
        sweeps: 1,
        configs: 2,
        seeds: 2,
        epochs: 8,
        expected: trainedAlone,
      },
    ));
