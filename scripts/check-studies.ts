/** Fails if a report of a study, or the table over all studies, is not what its stored results give. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REPOSITORY } from '@ablate/files';
import {
  buildReport,
  overviewMarkdown,
  readingOf,
  readResults,
  readStudies,
  reportMarkdown,
  STUDIES,
} from '@ablate/studies';

const stale: string[] = [];
const check = (file: string, expected: string): void => {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== expected) stale.push(relative(REPOSITORY, file));
};

const studies = await readStudies();
for (const study of studies)
  for (const scale of ['cpu', 'full'] as const) {
    const results = await readResults(study.folder, scale);
    if (results === null) continue;
    const report = buildReport(readingOf(study, scale, results));
    check(join(study.folder, 'report', `${scale}.md`), reportMarkdown(report, scale));
  }
check(join(STUDIES, 'README.md'), await overviewMarkdown(studies));
if (stale.length > 0) {
  console.error(`Not what the stored results give: ${stale.join(', ')}. Run \`npx ablate study report --all --html\``);
  process.exit(1);
}
