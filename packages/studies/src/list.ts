/** The studies in brief, for lists and pages. */
import { ScaleName, type StudyView } from '@ablate/contracts';
import { answerWords, bestReading } from './overview.ts';
import { runCommand, sweepName } from './plan.ts';
import { readStudies, STUDIES } from './study.ts';

/** `sweepNames`: those of its sweeps at every scale, the largest first. */
export type StudySummary = Omit<StudyView, 'sweeps'> & { sweepNames: string[] };

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
        scale: sweeps.length === 0 ? null : (reading?.scale ?? null),
        command: reading?.command ?? runCommand(study, { scale: 'cpu' }),
        sweepNames: ScaleName.options
          .toReversed()
          .flatMap((scale) => sweeps.map((sweep) => sweepName(study, sweep.name, { scale }))),
      };
    }),
  );
}
