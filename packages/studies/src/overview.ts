/** One table over all studies, from their stored results. */
import { signedAmount, verdictText } from '@ablate/answers';
import type { ScaleName } from '@ablate/contracts';
import { figureOf, type Outcome } from './claims.ts';
import { figureWords, minutes } from './figures.ts';
import { runCommand } from './plan.ts';
import { markdownText } from './report/markdown.ts';
import { deviceSeconds, type Reading, readingOf, summaryOf } from './report/report.ts';
import { readResults } from './results.ts';
import type { Study } from './study.ts';

/** Scales whose results count, the best first. A smoke run shows that a study works; it answers nothing. */
const COUNTED: readonly ScaleName[] = ['full', 'cpu'];

/** The results of the largest scale that has any; null if the study has not been run. */
export async function bestReading(study: Study): Promise<Reading | null> {
  for (const scale of COUNTED) {
    const results = await readResults(study.folder, scale);
    if (results !== null) return readingOf(study, scale, results);
  }
  return null;
}

/** The difference that the row of a study shows: that of its first claim, else of its best config against the baseline. */
function shownDifference({ study, outcomes: [first], sweeps: [sweep] }: Reading): {
  difference: string;
  verdict: string;
} {
  if (first) return { difference: differenceText(first), verdict: `${first.verdict}${STANDINGS[first.standing]}` };
  if (sweep === undefined) return { difference: '', verdict: '' };
  const figure = figureOf(study.text, sweep);
  const answer = sweep.answer(figure);
  const rows = answer.rows.filter(({ comparison }) => comparison !== null);
  const best = rows.find(({ configId }) => configId === answer.best?.configId) ?? rows[0];
  const comparison = best?.comparison;
  if (!best || !comparison || comparison.difference === null) return { difference: '', verdict: '' };
  const interval = comparison.verdict === 'no-noise-estimate' ? null : (comparison.pooled ?? comparison.paired);
  const half = interval && (interval.high - interval.low) / 2;
  return {
    difference: `${best.name}: ${signedAmount(comparison.difference, half, figure.metric)}`,
    verdict: verdictText(best, figure.metric),
  };
}

const STANDINGS = { agrees: ', as reported', contradicts: ', contradicts the original', open: '' } as const;

const differenceText = ({ of, than, difference, half, figure }: Outcome): string =>
  difference === null
    ? ''
    : `${of} against ${than}: ${signedAmount(difference, half, figure.metric)}${figure.split === 'test' ? '' : ` of ${figureWords(figure)}`}`;

/** The answer in words: the verdict of each sweep. */
export function answerWords({ study, sweeps, results }: Reading): string {
  const verdicts = sweeps.flatMap((sweep) => {
    const { verdict } = sweep.answer(figureOf(study.text, sweep));
    return verdict === null ? [] : [verdict];
  });
  return [...verdicts, ...summaryOf(results)].join(' ');
}

const HEADS = [
  'study',
  'question',
  'answer',
  'difference, 95 %',
  'verdict',
  'scale',
  'seeds',
  'device-minutes',
  'command',
] as const;

/** A row for each study. */
async function overviewRows(studies: readonly Study[]): Promise<string[][]> {
  return Promise.all(
    studies.map(async (study) => {
      const reading = await bestReading(study);
      const { name, text, sweeps } = study;
      const command = `\`${reading?.command ?? runCommand(study, { scale: 'cpu' })}\``;
      if (reading === null)
        return [`[${name}](${name}/study.md)`, markdownText(text.question), 'not run yet', '', '', '', '', '', command];
      const { difference, verdict } = shownDifference(reading);
      const seeds = new Set(reading.results.runs.map(({ seed }) => seed)).size;
      const seconds = deviceSeconds(reading.results.runs).useful;
      return [
        `[${name}](${name}/report/${reading.scale}.md)`,
        ...[text.question, answerWords(reading), difference, verdict].map(markdownText),
        ...(sweeps.length > 0 ? [reading.scale, `${seeds}`, minutes(seconds)] : ['', '', '']),
        command,
      ];
    }),
  );
}

/** The text of `studies/README.md`. */
export async function overviewMarkdown(studies: readonly Study[]): Promise<string> {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const right = (head: string) => head === 'seeds' || head === 'device-minutes';
  return `# Studies

<!-- Made by \`npx ablate study report --all\` from the results in this folder. Do not edit. -->

Each folder asks one question of the field, trains the sweeps that answer it, and reports the answer
with its uncertainty: \`study.md\` (question, what the original reported, scales), \`sweep.json\`,
\`results/\` (the rows of SQL as CSV), \`report/\` (made from the results alone). How to read and run
them, and how to add one: [docs/how-to/run-a-study.md](../docs/how-to/run-a-study.md).

${[line(HEADS), line(HEADS.map((head) => (right(head) ? '---:' : '---'))), ...(await overviewRows(studies)).map(line)].join('\n')}

A difference is of test accuracy unless it says otherwise, ± half of its 95 % interval: that of the
first claim of the original, else of the best config against the baseline. Verdicts:
[docs/statistics.md](../docs/statistics.md). Scales differ in samples, epochs and seeds only.
\`cpu\` is small enough for two cores in minutes: read it as an answer for short training.
`;
}
