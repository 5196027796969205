/** Optuna, in a Python process that answers one line of JSON with another. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Answer = z.strictObject({ result: z.union([z.number(), z.array(z.number())]) });
const Hello = z.strictObject({ version: z.string() });

export type Optuna = { version: string; ask(request: object): Promise<number[]>; close(): void };

/** @param python with optuna, and for its GPSampler scipy and torch */
export async function startOptuna(python: string): Promise<Optuna> {
  const child = spawn(python, [join(import.meta.dirname, 'optuna_search.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' },
  });
  let stderr = '';
  child.stderr.on('data', (part) => {
    stderr = `${stderr}${part}`.slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`optuna_search.py ended:\n${stderr}`);
    return JSON.parse(value);
  };
  const { version } = Hello.parse(await line());
  return {
    version,
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return [Answer.parse(await line()).result].flat();
    },
    close: () => child.stdin.end(),
  };
}
