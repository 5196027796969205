/** The same questions to MLflow, on the same PostgreSQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Installation } from '../queue/installation.ts';

/** Each of MLflow's questions, with that of ours that it stands beside. */
export const MLFLOW_QUESTIONS = {
  list: { what: 'list of experiments', beside: 'list' },
  runs: { what: 'runs above an accuracy (page of 100)', beside: 'runs' },
  table: { what: 'a page of 1,000 runs (their table; it has no means and no verdicts)', beside: 'answerMedium' },
  curves: { what: 'ten curves of 5,000 steps (320 points each)', beside: 'curves' },
} as const;

export const MlflowResults = z.strictObject({
  version: z.string(),
  runs: z.int(),
  measured: z.array(
    z.strictObject({
      name: z.enum(
        Object.keys(MLFLOW_QUESTIONS) as [keyof typeof MLFLOW_QUESTIONS, ...(keyof typeof MLFLOW_QUESTIONS)[]],
      ),
      median: z.number(),
      p95: z.number(),
      bytes: z.number(),
    }),
  ),
});
export type MlflowResults = z.infer<typeof MlflowResults>;

/** `python` has mlflow and psycopg2. Writing 2,000 runs over MLflow's REST API takes a minute or two. */
export async function askMlflow(
  python: string,
  { db, databaseUrl }: Pick<Installation, 'db' | 'databaseUrl'>,
  { runs, repeats }: { runs: number; repeats: number },
): Promise<MlflowResults> {
  await db.pool.query('CREATE DATABASE mlflow');
  const url = new URL(databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:'));
  url.pathname = '/mlflow';
  const child = spawn(
    python,
    [join(import.meta.dirname, 'mlflow_server.py'), JSON.stringify({ storage: url.href, runs, repeats })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`mlflow_server.py ended with ${code}`);
  return MlflowResults.parse(JSON.parse(output));
}
