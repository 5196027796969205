/** The same with Optuna and Ray Tune: trials without work that report ten results each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Timed = z.object({ seconds: z.number(), version: z.string() });
type Timed = z.infer<typeof Timed>;

type Trials = { ready: Promise<void>; go(): Promise<Timed> };

/** A Python process of the bench: it prints "ready", waits for a line, and prints its time. */
function start(python: string, script: string, request: object): Trials {
  const child = spawn(python, [join(import.meta.dirname, script), JSON.stringify(request)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (part) => {
    stderr = `${stderr}${part}`.slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (matches: (text: string) => boolean): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended:\n${stderr}`);
      if (matches(value)) return value;
    }
  };
  return {
    ready: line((text) => text === 'ready').then(() => {}),
    go: async () => {
      child.stdin.write('\n');
      const answer = await line((text) => text.startsWith('{'));
      if (child.exitCode === null) await once(child, 'exit');
      return Timed.parse(JSON.parse(answer));
    },
  };
}

/** Trials per second with several processes on one study, from the first start to the last end. */
export async function optunaRate(
  python: string,
  { databaseUrl, processes, trials }: { databaseUrl: string; processes: number; trials: number },
): Promise<{ perSecond: number; version: string }> {
  const storage = databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
  const study = `trials ${processes}`;
  const request = { storage, study, trials: Math.ceil(trials / processes) };
  const all: Trials[] = [];
  for (let i = 0; i < processes; i++) {
    const one = start(python, 'optuna_trials.py', request);
    await one.ready; // one after the other: the first creates the tables
    all.push(one);
  }
  const begun = performance.now();
  const times = await Promise.all(all.map((one) => one.go()));
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: (request.trials * processes) / seconds, version: times[0]?.version ?? '' };
}

export async function rayRate(
  python: string,
  { slots, trials }: { slots: number; trials: number },
): Promise<{ perSecond: number; version: string }> {
  const one = start(python, 'ray_trials.py', { slots, trials });
  await one.ready;
  const { seconds, version } = await one.go();
  return { perSecond: trials / seconds, version };
}
