/** Writes the report of a study from its stored results. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import {
  buildReport,
  type Choice,
  readingOf,
  readResults,
  reportHtml,
  reportMarkdown,
  resultsFolder,
  runCommand,
  type Study,
} from '@ablate/studies';

export type Written = { markdown: string; html: string | null; first: string };

/** Pictures as addresses that need no file. */
async function dataUrls(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const name of names)
    urls.set(name, `data:image/png;base64,${(await readFile(join(folder, name))).toString('base64')}`);
  return urls;
}

/** A system error as one line that names the remedy. */
export function cannotWrite(folder: string, error: unknown): unknown {
  if (error instanceof Error && 'code' in error && ['EACCES', 'EROFS', 'ENOTDIR', 'EPERM'].includes(String(error.code)))
    return new UserError(`cannot write to ${folder}: ${error.message}. Choose another folder with --out`, 'usage');
  return error;
}

/**
 * Writes `report/SCALE.md` with its plots beside it and, if asked, `report/SCALE.html`, from `results/SCALE` of `folder`.
 * @throws UserError if there are no results
 */
export async function writeReport(
  study: Study,
  choice: Choice,
  { folder, html }: { folder: string; html: boolean },
): Promise<Written> {
  const { scale } = choice;
  const results = await readResults(folder, scale);
  if (results === null)
    throw new UserError(
      `study ${study.name} has no results at scale ${scale}: \`${runCommand(study, choice)}\` makes them`,
    );
  const report = buildReport(readingOf(study, scale, results));
  const own = join(folder, 'report');
  const plots = join(own, scale);
  try {
    await rm(plots, { recursive: true, force: true });
    await mkdir(plots, { recursive: true });
    for (const block of report.blocks)
      if (block.kind === 'plot') await writeFile(join(plots, `${block.name}.svg`), `${block.svg}\n`);
    const markdown = join(own, `${scale}.md`);
    await writeFile(markdown, reportMarkdown(report, scale));
    const page = join(own, `${scale}.html`);
    // A page that is there must not be of earlier results.
    if (!html && !existsSync(page)) return { markdown, html: null, first: report.first };
    const pictures = await dataUrls(resultsFolder(folder, scale), results.pictures);
    await writeFile(
      page,
      reportHtml(report, (file) => pictures.get(file) ?? ''),
    );
    return { markdown, html: page, first: report.first };
  } catch (error) {
    throw cannotWrite(own, error);
  }
}
