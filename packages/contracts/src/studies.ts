/** Studies as the API lists them. No transforms: this schema is also the OpenAPI document. */
import { z } from 'zod';

export const ScaleName = z.enum(['smoke', 'cpu', 'full'], { error: 'must be smoke, cpu or full' });
export type ScaleName = z.infer<typeof ScaleName>;

export const StudyView = z.strictObject({
  name: z.string(),
  title: z.string(),
  question: z.string(),
  answer: z.string().nullable().describe('In words, from the stored results; null if the study has not been run'),
  scale: ScaleName.nullable().describe('Scale of the stored results; null if there are none, or nothing is trained'),
  command: z.string().describe('Runs the study'),
  sweeps: z
    .array(z.strictObject({ id: z.uuid(), name: z.string() }))
    .describe('Its sweeps in this installation, the newest of each name'),
});
export type StudyView = z.infer<typeof StudyView>;
