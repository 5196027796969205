/** Writes the report of a study from its stored results. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { type Choice, reportFiles, runCommand, type Study } from '@ablate/studies';

export type Written = { markdown: string; html: string | null; first: string };

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
  const report = await reportFiles(study, scale, folder);
  if (report === null)
    throw new UserError(
      `study ${study.name} has no results at scale ${scale}: \`${runCommand(study, choice)}\` makes them`,
    );
  const own = join(folder, 'report');
  const plots = join(own, scale);
  const [markdown, page] = [join(own, `${scale}.md`), join(own, `${scale}.html`)];
  // A page that is there must not be of earlier results.
  const asPage = html || existsSync(page);
  try {
    await rm(plots, { recursive: true, force: true });
    await mkdir(report.plots.size > 0 ? plots : own, { recursive: true });
    for (const [name, svg] of report.plots) await writeFile(join(plots, `${name}.svg`), `${svg}\n`);
    await writeFile(markdown, report.markdown);
    if (asPage) await writeFile(page, report.html);
  } catch (error) {
    throw cannotWrite(own, error);
  }
  return { markdown, html: asPage ? page : null, first: report.first };
}
