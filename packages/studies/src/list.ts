/** The studies in brief, for lists and pages. */
import { z } from 'zod';
import { answerWords, bestReading } from './overview.ts';
import { runCommand, sweepName } from './plan.ts';
import { readStudies, STUDIES } from './study.ts';
import { ScaleName } from './study-text.ts';

export const StudySummary = z.strictObject({
  name: z.string(),
  title: z.string(),
  question: z.string(),
  answer: z.string().nullable().describe('In words, from the stored results; null if the study has not been run'),
  scale: ScaleName.nullable().describe('Scale of the stored results'),
  command: z.string().describe('Runs the study'),
  sweeps: z.array(z.string()).describe('Names of its sweeps at every scale, the newest of which a service may have'),
});
export type StudySummary = z.infer<typeof StudySummary>;

/** Every study of a folder, with the answer that its stored results give. */
export async function listStudies(folder = STUDIES): Promise<StudySummary[]> {
  const studies = await readStudies(folder);
  return Promise.all(
    studies.map(async (study): Promise<StudySummary> => {
      const reading = await bestReading(study);
      const { name, text, sweeps } = study;
      return {
        ...{ name, title: text.title, question: text.question },
        answer: reading && answerWords(reading),
        scale: reading?.scale ?? null,
        command: reading?.command ?? runCommand(study, { scale: 'cpu' }),
        sweeps: ScaleName.options
          .toReversed()
          .flatMap((scale) => sweeps.map((sweep) => sweepName(study, sweep.name, { scale }))),
      };
    }),
  );
}
