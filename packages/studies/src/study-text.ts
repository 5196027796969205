/** `study.md`: the question, what the original reported, and the scales at which it runs. Read by people and by Ablate. */
import { AnswerMetric, AnswerSplit, UserError } from '@ablate/contracts';
import { z } from 'zod';
import { type MarkdownTable, readMarkdown } from './markdown-text.ts';

const whole = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least));

/** What a scale changes; nothing else may differ between scales. */
export const Scale = z.strictObject({
  samples: z.union([z.literal('all'), whole(2)], { error: 'must be a whole number, or all' }),
  epochs: whole(1),
  seeds: whole(1).pipe(z.int().max(100)),
});
export type Scale = z.infer<typeof Scale>;

const sentence = z.string().trim().min(1, 'is missing').max(2000);

/** What a study measures without training, or on the weights of its runs; `apps/cli/src/study/measures` has the row of each. */
export const MeasureName = z.enum(['symmetry', 'positions', 'attention', 'clip']);
export type MeasureName = z.infer<typeof MeasureName>;

const figure = z
  .string()
  .transform((text) => text.split(' '))
  .pipe(z.tuple([AnswerSplit, AnswerMetric], { error: 'must be such as: test accuracy' }));

/**
 * What the original claims, in a form that results can contradict. A config is named by values on axes or by its position; `a - b` is the
 * difference of two, so that a claim can be about a gain. `than` may be a level, such as `80 %`.
 */
export const Claim = z.strictObject({
  sweep: z.string().optional(),
  config: z.string().min(1),
  than: z.string().min(1),
  is: z.enum(['better', 'worse', 'higher', 'lower', 'same']),
  on: figure.prefault('test accuracy'),
  reported: z.string().min(1),
});
export type Claim = z.infer<typeof Claim>;

const StudyText = z.strictObject({
  title: sentence.max(120),
  question: sentence.max(300).regex(/\?$/, 'must end with a question mark'),
  reported: sentence,
  reading: sentence,
  scales: z.strictObject({ smoke: Scale, cpu: Scale, full: Scale }).optional(),
  claims: z.array(Claim).default([]),
  measures: z.array(MeasureName).default([]),
});
export type StudyText = z.infer<typeof StudyText>;

/** The names of fields and sections in the file. */
const FIELDS = { question: 'Question', reported: 'Reported', reading: 'How to read' } as const;

/** The rows of a table by the value of one column. */
function keyed(rows: MarkdownTable, column: string): Record<string, Record<string, string>> {
  return Object.fromEntries(rows.map(({ [column]: key = '', ...rest }) => [key, rest]));
}

/** Without the cells that are empty. */
const filled = (row: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ''));

/** Parses a `study.md`. `file` names it in errors. @throws UserError naming the field and what is wrong with it */
export function parseStudyText(file: string, markdown: string): StudyText {
  const { title, fields, tables } = readMarkdown(markdown);
  const scales = tables.get('Scales');
  const { success, data, error } = StudyText.safeParse({
    title,
    ...Object.fromEntries(Object.entries(FIELDS).map(([key, name]) => [key, fields.get(name) ?? ''])),
    ...(scales ? { scales: keyed(scales, 'scale') } : {}),
    claims: (tables.get('Claims') ?? []).map(filled),
    measures: (tables.get('Measures') ?? []).map(({ measure }) => measure),
  });
  if (success) return data;
  const [issue] = error.issues;
  throw new UserError(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message}`, 'usage');
}
