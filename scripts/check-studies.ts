/** Fails if a report of a study, or the table over all studies, is not what its stored results give. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REPOSITORY } from '@ablate/files';
import { overviewMarkdown, readStudies, reportFiles, STUDIES } from '@ablate/studies';

const stale: string[] = [];
const check = (file: string, expected: string): void => {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== expected) stale.push(relative(REPOSITORY, file));
};

const studies = await readStudies();
for (const study of studies)
  for (const scale of ['cpu', 'full'] as const) {
    const report = await reportFiles(study, scale);
    if (report === null) continue;
    check(join(study.folder, 'report', `${scale}.md`), report.markdown);
    check(join(study.folder, 'report', `${scale}.html`), report.html);
  }
check(join(STUDIES, 'README.md'), await overviewMarkdown(studies));
if (stale.length > 0) {
  console.error(`Not what the stored results give: ${stale.join(', ')}. Run \`npx ablate study report --all --html\``);
  process.exit(1);
}
