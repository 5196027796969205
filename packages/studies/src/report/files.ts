/** The files of a report: made from the stored results, by the command line and by the API. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScaleName } from '@ablate/contracts';
import { readResults, resultsFolder } from '../results.ts';
import type { Study } from '../study.ts';
import { reportHtml } from './html.ts';
import { reportMarkdown } from './markdown.ts';
import { buildReport, readingOf } from './report.ts';

export type ReportFiles = {
  /** How the results stand against the original. */
  first: string;
  markdown: string;
  /** SVG images by name, beside the Markdown. */
  plots: ReadonlyMap<string, string>;
  /** One file that needs no other. */
  html: string;
};

/** The report of `results/SCALE` in a folder; null without results. @throws UserError if they are not of the study as it is now */
export async function reportFiles(study: Study, scale: ScaleName, folder = study.folder): Promise<ReportFiles | null> {
  const results = await readResults(folder, scale);
  if (results === null) return null;
  const report = buildReport(readingOf(study, scale, results));
  const pictures = new Map<string, string>();
  for (const name of results.pictures) {
    const bytes = await readFile(join(resultsFolder(folder, scale), name));
    pictures.set(name, `data:image/png;base64,${bytes.toString('base64')}`);
  }
  return {
    first: report.first,
    markdown: reportMarkdown(report, scale),
    plots: new Map(report.blocks.flatMap((block) => (block.kind === 'plot' ? [[block.name, block.svg] as const] : []))),
    html: reportHtml(report, (file) => pictures.get(file) ?? ''),
  };
}
