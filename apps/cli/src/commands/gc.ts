import { openApi } from '@ablate/client';
import type { GarbageReport, StoredName } from '@ablate/contracts';
import { InvalidArgumentError } from 'commander';
import type { Register } from '../command.ts';
import { size } from '../size.ts';

type Options = { dryRun?: boolean; json?: boolean; keepBest?: number; keepLast?: number; olderThan: number };

const count = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('it must be a whole number, 0 or more');
  return number;
};

function* describe(report: GarbageReport): Generator<string> {
  const groups: [string, StoredName[]][] = [
    [report.dryRun ? 'would be removed, beyond what is kept' : 'removed, beyond what is kept', report.expired],
    [report.dryRun ? 'would be removed, named by no row' : 'removed, named by no row', report.orphans],
    ['left: nobody’s of this database', report.foreign],
    ['MISSING: a row names it, and it is not there', report.missing],
  ];
  for (const [what, files] of groups) for (const { key, bytes } of files) yield `${key}  ${size(bytes)}  ${what}`;
  yield `${report.store}: ${report.files} files, ${size(report.bytes)} ${report.dryRun ? 'would be removed' : 'removed'}`;
}

export const gc: Register = (program, context) => {
  program
    .command('gc')
    .description('Remove checkpoints of finished runs beyond what is kept, and files that no row names.')
    .option('--dry-run', 'only say what would be removed')
    .option('--keep-best <n>', 'best checkpoints to keep of a run; the service’s setting unless given', count)
    .option('--keep-last <n>', 'last checkpoints to keep of a run; the service’s setting unless given', count)
    .option('--older-than <seconds>', 'leave files without a row that are younger', count, 86_400)
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nNever removed: what is pinned (`ablate pin`), and the best checkpoint of a sweep’s best run.',
    )
    .action(async ({ dryRun = false, json = false, keepBest, keepLast, olderThan }: Options) => {
      const { apiUrl } = await context.env();
      const report = await openApi(apiUrl, { signal: context.signal }).collectGarbage({
        dryRun: String(dryRun),
        graceSeconds: String(olderThan),
        ...(keepBest === undefined ? {} : { best: String(keepBest) }),
        ...(keepLast === undefined ? {} : { last: String(keepLast) }),
      });
      context.print(json ? JSON.stringify(report, null, 2) : [...describe(report)].join('\n'));
    });
};
