/** Time from kill -9 of a worker until training continues, with default settings and with the fastest recovery. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { install } from '@ablate/harness/installation';
import { tinySpec } from '@ablate/harness/specs';
import { countedRandom, randomKey } from '@ablate/random';
import { median } from '@ablate/statistics';
import { markdownTable } from './train/table.ts';

const SETTINGS: Record<string, Record<string, string>> = {
  default: {},
  'ABLATE_LEASE_SECONDS=4': { ABLATE_LEASE_SECONDS: '4' },
};

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- recovery [options]

  --kills   kills for each setting and situation (5)
  --seed    seed of the times of the kills (1)

Workers have one slot and a real trainer. "two workers": the one that trains is killed, and the other takes over.
"one worker": the only worker is killed, and restarted half a second later, as the supervisor does.`);
  process.exit(0);
}
const [kills, seed] = [Number(values.kills), Number(values.seed)];
const random = countedRandom(randomKey(seed, 'recovery'));

/** Seconds from the kill to the first step of the next attempt, and seconds of training lost. */
type Recovery = { seconds: number; lost: number };

async function measure(settings: Record<string, string>, another: boolean): Promise<Recovery[]> {
  const all = await install({ workers: another ? 2 : 1, settings, env: { ABLATE_THREADS: '1' } });
  const found: Recovery[] = [];
  try {
    for (const worker of all.workers) worker.start();
    const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 10_000 }));
    for (let attempt = 1; attempt <= kills; attempt++) {
      const { pid } = await all.until<{ pid: string }>(
        `attempt ${attempt} has saved`,
        `SELECT split_part(worker, '/', 2) AS pid FROM attempt JOIN run ON run.id = run_id
         WHERE sweep_id = $1 AND number = $2 AND EXISTS (SELECT FROM checkpoint WHERE checkpoint.run_id = run.id AND checkpoint.attempt = $2)`,
        [sweep, attempt],
      );
      await sleep(1_000 + 4_000 * random.uniform());
      const worker = all.workers.find((one) => one.pid === Number(pid));
      if (worker === undefined) throw new Error(`no worker has process id ${pid}`);
      const [{ lost } = { lost: 0 }] = await all.rows<{ lost: number }>(
        `SELECT extract(epoch FROM clock_timestamp() - max(checkpoint.created_at))::float8 AS lost
         FROM checkpoint JOIN run ON run.id = run_id WHERE sweep_id = $1`,
        [sweep],
      );
      const killed = performance.now();
      await worker.end('SIGKILL');
      const again = sleep(500).then(() => worker.start());
      await all.until(
        `attempt ${attempt + 1} trains`,
        `SELECT number FROM attempt JOIN run ON run.id = run_id WHERE sweep_id = $1 AND number = $2 AND total_steps IS NOT NULL`,
        [sweep, attempt + 1],
      );
      found.push({ seconds: (performance.now() - killed) / 1000, lost });
      await again;
    }
  } finally {
    await all.close();
  }
  return found;
}

const shown = (numbers: number[]): string[] => [median(numbers).toFixed(1), Math.max(...numbers).toFixed(1)];
const HEAD = [
  'setting',
  'situation',
  'kills',
  's until training continues, median',
  'longest',
  's of work lost, median',
  'longest',
];

const lines: string[][] = [];
for (const [name, settings] of Object.entries(SETTINGS))
  for (const another of [true, false]) {
    const found = await measure(settings, another);
    const situation = another ? 'two workers' : 'one worker';
    const [seconds, lost] = [found.map((one) => one.seconds), found.map((one) => one.lost)];
    lines.push([name, situation, String(found.length), ...shown(seconds), ...shown(lost)]);
    console.error(`${name}, ${situation}: ${seconds.map((value) => value.toFixed(1)).join(', ')} s`);
  }
console.log(markdownTable(HEAD, lines));
