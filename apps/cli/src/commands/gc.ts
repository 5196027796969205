import { join } from 'node:path';
import type { GarbageReport, StoredName } from '@ablate/contracts';
import { count } from '@ablate/contracts/count';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { formatBytes } from '../format.ts';
import { wholeNumber } from '../option.ts';
import { formatRemoved, removeCopies } from '../packed-copies.ts';

type Options = { dryRun?: boolean; json?: boolean; keepBest?: number; keepLast?: number; olderThan: number };

function* describe(report: GarbageReport): Generator<string> {
  const removed = report.dryRun ? 'would be removed' : 'removed';
  const groups: [string, StoredName[]][] = [
    [`${removed}: exceeds the number to keep`, report.expired],
    [`${removed}: orphan, not in the database`, report.orphans],
    ['skipped: belongs to no run of this database', report.foreign],
    ['MISSING: in the database, not in the store', report.missing],
  ];
  for (const [what, files] of groups)
    for (const { key, bytes } of files) yield `${key}  ${formatBytes(bytes)}  ${what}`;
  if (report.predictions > 0)
    yield `predictions of ${count(report.predictions, 'split')}  ${removed}: no best checkpoint is left`;
  if (report.logs > 0)
    yield `${count(report.logs, 'log')} of attempts  ${removed}: a week old, and no checkpoint is left`;
  if (report.insides > 0)
    yield `what ${count(report.insides, 'run')} looked at  ${removed}: no best checkpoint is left`;
  yield `${report.store}: ${count(report.files, 'file')}, ${formatBytes(report.bytes)} ${removed}`;
}

export const gc: Register = (program, context) => {
  const setting = 'default: the setting of the service';
  program
    .command('gc')
    .description(
      'Remove checkpoints of finished runs that exceed the number to keep, orphaned files, and the packed data sets on this machine that were packed by an older version.\n\nPinned checkpoints (`ablate pin`) and the best checkpoint of the best run of a sweep are never removed.',
    )
    .summary('Remove checkpoints that exceed the number to keep, orphaned files, and outdated packed data sets.')
    .option('--dry-run', 'list what would be removed, remove nothing')
    .option('--keep-best <n>', `number of best checkpoints to keep per run (${setting})`, wholeNumber(0))
    .option('--keep-last <n>', `number of last checkpoints to keep per run (${setting})`, wholeNumber(0))
    .option('--older-than <seconds>', 'minimum age of an orphaned file', wholeNumber(0), 86_400)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('gc --dry-run', 'gc --keep-last 0'))
    .action(async ({ dryRun = false, json = false, keepBest, keepLast, olderThan }: Options) => {
      const { checkpoints } = await apiOf(context);
      const report = await checkpoints.collectGarbage({
        dryRun,
        graceSeconds: olderThan,
        best: keepBest,
        last: keepLast,
      });
      const { packedCopies } = await import('@ablate/data');
      const outdated = (await packedCopies(join((await context.env()).home, 'cache'))).filter(
        ({ state }) => state === 'outdated',
      );
      const removed = await removeCopies(outdated, { dryRun, context });
      const lines = [...describe(report), ...removed.map((copy) => formatRemoved(copy, dryRun))];
      context.print(json ? asJson({ ...report, packedCopies: removed }) : lines.join('\n'));
    });
};
