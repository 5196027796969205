/** `ablate study report`: remakes reports from SQL or, without a service that has the sweeps, from stored results. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, Unreachable } from '@ablate/client';
import { ScaleName, UserError } from '@ablate/contracts';
import {
  type Choice,
  overviewMarkdown,
  plannedSweeps,
  readStudies,
  resultsFolder,
  STUDIES,
  type Study,
  writeResults,
} from '@ablate/studies';
import { apiOf, type Context } from '../command.ts';
import { hasWork } from '../workers.ts';
import { collect, findSweeps } from './collect.ts';
import { cannotWrite, type Written, writeReport } from './write-report.ts';

/** Fetches the rows of the sweeps again. False if the service does not have them. @throws UserError if one is unfinished */
async function refresh(api: Api, study: Study, choice: Choice, folder: string): Promise<boolean> {
  const sweeps = await findSweeps(api, plannedSweeps(study, choice));
  if (sweeps === null) return false;
  const unfinished = [...sweeps.values()].find(hasWork);
  if (unfinished)
    throw new UserError(`sweep ${unfinished.id} is unfinished: \`ablate study run ${study.name}\` follows it`);
  const results = resultsFolder(folder, choice.scale);
  try {
    await writeResults(results, await collect(api, study, sweeps), { replace: false });
  } catch (error) {
    throw cannotWrite(results, error);
  }
  return true;
}

/** The report of one study. @throws UserError if neither the service nor the folder has results */
export async function reportStudy(
  study: Study,
  { folder, html, ...choice }: Choice & { folder: string; html: boolean },
  context: Context,
): Promise<Written> {
  if (study.sweeps.length > 0) {
    try {
      const fresh = await refresh(await apiOf(context), study, choice, folder);
      if (!fresh) context.log('the service has no such sweep: the report is made from the stored results');
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      context.log('no service answers: the report is made from the stored results');
    }
  }
  return writeReport(study, choice, { folder, html });
}

/** Every report that has stored results, and `studies/README.md`. Resolves to the files written. */
export async function reportAll({ html }: { html: boolean }): Promise<string[]> {
  const studies = await readStudies();
  const written: string[] = [];
  for (const study of studies)
    for (const scale of ScaleName.options) {
      if (!existsSync(resultsFolder(study.folder, scale))) continue;
      const report = await writeReport(study, { scale }, { folder: study.folder, html });
      written.push(report.markdown, ...(report.html === null ? [] : [report.html]));
    }
  const overview = join(STUDIES, 'README.md');
  await writeFile(overview, await overviewMarkdown(studies));
  return [...written, overview];
}
