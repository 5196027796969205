/** The results as a table in Markdown. */
import { z } from 'zod';
import { processorText } from '../train/machine.ts';
import { Machine } from '../train/results.ts';
import { Latency, QUESTIONS } from './latencies.ts';
import { MLFLOW_QUESTIONS, MlflowResults } from './mlflow.ts';

const AnswersResults = z.strictObject({
  runs: z.int(),
  points: z.int(),
  repeats: z.int(),
  measured: z.array(Latency),
  mlflow: MlflowResults.nullable(),
  machine: Machine,
});

export function answersTable({
  runs,
  points,
  repeats,
  measured,
  mlflow,
  machine,
}: z.infer<typeof AnswersResults>): string {
  const count = (n: number) => n.toLocaleString('en-US');
  return [
    '| question | median | 95 % below | target | met |',
    '|---|---|---|---|---|',
    ...measured.map(({ name, median, p95 }) => {
      const { what, target } = QUESTIONS[name];
      const met = target === null ? '' : median < target ? 'yes' : '**no**';
      return `| ${what} | ${median.toFixed(1)} ms | ${p95.toFixed(1)} ms | ${target === null ? '' : `< ${target} ms`} | ${met} |`;
    }),
    '',
    `${runs < 100_000 ? 'With --small: a tenth of the runs that the questions name. ' : ''}${repeats} requests each over HTTP, one at a time; ${count(runs)} runs and ${count(points)} metric points in PostgreSQL with its default settings; ${processorText(machine)}.`,
    ...(mlflow === null
      ? []
      : [
          '',
          `| MLflow ${mlflow.version}, ${count(mlflow.runs)} runs | median | 95 % below | beside it, of Ablate |`,
          '|---|---|---|---|',
          ...mlflow.measured.map(({ name, median, p95 }) => {
            const { what, beside } = MLFLOW_QUESTIONS[name];
            const ours = measured.find((one) => one.name === beside);
            return `| ${what} | ${median.toFixed(1)} ms | ${p95.toFixed(1)} ms | ${QUESTIONS[beside].what}: ${ours?.median.toFixed(1)} ms |`;
          }),
        ]),
  ].join('\n');
}
