import type { ScaleName } from '@ablate/contracts';
import { UserError } from '@ablate/contracts/user-error';
import type { Choice } from '@ablate/studies';
import { type Command, Option } from 'commander';
import { apiOf, asJson, type Context, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';
import type { MeasureOptions } from '../study/measures/measure.ts';
import { formatTable } from '../table.ts';

// Help needs no schemas; the compiler compares the list with theirs.
const SCALES = ['smoke', 'cpu', 'full'] as const satisfies readonly ScaleName[];

type Place = { out?: string };

const withChoice = (command: Command): Command =>
  command
    .addOption(new Option('--scale <scale>', 'numbers of samples, epochs and seeds').choices(SCALES).default('cpu'))
    .option('--seeds <n>', 'number of seeds, instead of that of the scale', wholeNumber(1))
    .option('--dataset <name>', 'another data set, such as shapes10, which is generated');

const withOut = (command: Command): Command =>
  command.option('--out <folder>', 'folder of results and report (default: that of the study)');

/** Weights and pictures, for studies that measure with them. */
const withWeights = (command: Command): Command =>
  command
    .option('--clip <file>', 'safetensors of CLIP’s ResNet-50')
    .option('--clip-sha256 <hash>', 'SHA-256 that the file must have')
    .option('--clip-model <file>', 'JSON file of the model (default: clip_rn50)')
    .option('--resnet <file>', 'safetensors of torchvision’s ResNet-50')
    .option('--resnet-sha256 <hash>', 'SHA-256 that the file must have')
    .option('--resnet-model <file>', 'JSON file of the model (default: resnet50)')
    .option('--vocabulary <file>', 'CLIP’s bpe_simple_vocab_16e6.txt, gzipped or not')
    .option('--input <folder>', 'pictures, a folder for each class')
    .option('--classes <file>', 'classes in the order of the outputs: `name`, or `folder<TAB>name`')
    .option('--seed <n>', 'random weights of this seed, instead of files', wholeNumber(0))
    .option('--runs <n>', 'timed forward passes', wholeNumber(2));

const folderOf = (study: { folder: string }, { out }: Place): string => out ?? study.folder;

/** Reports files, and the first line of a report. */
function printWritten({ print }: Context, written: { first: string; markdown: string; html: string | null }): void {
  print(written.first);
  print([written.markdown, ...(written.html === null ? [] : [written.html])].join('\n'));
}

const list = (study: Command, context: Context) =>
  study
    .command('ls')
    .description('List the studies.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('study ls'))
    .action(async ({ json = false }: { json?: boolean }) => {
      const { listStudies } = await import('@ablate/studies');
      const studies = await listStudies();
      if (json) return context.print(asJson(studies));
      context.print(
        formatTable(
          ['study', 'question', 'results'],
          studies.map(({ name, question, answer, scale }) => [
            name,
            question,
            scale ?? (answer === null ? 'none' : 'measured'),
          ]),
        ),
      );
    });

const plan = (study: Command, context: Context) =>
  withChoice(study.command('plan'))
    .argument('<name>', 'name of the study')
    .description('List the configs of a study, the number of runs, and the time if it is known. Needs no API.')
    .addHelpText('after', examples('study plan vit-knobs --scale full'))
    .action(async (name: string, choice: Choice) => {
      const [{ readStudy }, { planText }] = await Promise.all([
        import('@ablate/studies'),
        import('../study/plan-study.ts'),
      ]);
      context.print(await planText(await readStudy(name), choice));
    });

const run = (study: Command, context: Context) =>
  withWeights(withOut(withChoice(study.command('run'))))
    .argument('<name>', 'name of the study')
    .description(
      'Submit the sweeps of a study, or follow those of an earlier command; measure; write the report as Markdown and HTML.',
    )
    .summary('Run a study and write its report.')
    .addHelpText('after', examples('study run basic-block-order --scale smoke', 'study run vit-knobs --seeds 5'))
    .action(async (name: string, { out, scale, seeds, dataset, ...measure }: Choice & Place & MeasureOptions) => {
      const [{ readStudy }, { runStudy }] = await Promise.all([
        import('@ablate/studies'),
        import('../study/run-study.ts'),
      ]);
      const found = await readStudy(name);
      const options = { scale, seeds, dataset, folder: folderOf(found, { out }), measure };
      printWritten(context, await runStudy(found, options, context));
    });

const report = (study: Command, context: Context) =>
  withOut(withChoice(study.command('report')))
    .argument('[name]', 'name of the study')
    .description(
      'Remake the report of a study: from SQL if the service has its sweeps, else from the stored results. --all remakes every report and studies/README.md from stored results.',
    )
    .summary('Remake the report of a study, or all of them.')
    .option('--html', 'write HTML, too')
    .option('--all', 'every study that has results, and the table over all')
    .addHelpText('after', examples('study report basic-block-order --html', 'study report --all'))
    .action(
      async (
        name: string | undefined,
        { out, html = false, all, ...choice }: Choice & Place & { html?: boolean; all?: boolean },
      ) => {
        if ((name === undefined) === !all) throw new UserError('give the name of a study, or --all', 'usage');
        const { reportAll, reportStudy } = await import('../study/report-study.ts');
        if (name === undefined) return context.print((await reportAll({ html })).join('\n'));
        const { readStudy } = await import('@ablate/studies');
        const found = await readStudy(name);
        printWritten(context, await reportStudy(found, { ...choice, folder: folderOf(found, { out }), html }, context));
      },
    );

const importResults = (study: Command, context: Context) =>
  study
    .command('import')
    .argument('<name>', 'name of the study')
    .addOption(new Option('--scale <scale>', 'scale of the results').choices(SCALES).default('cpu'))
    .description(
      'Import the stored results of a study as finished sweeps, so that SQL, pages and answers show them without training. Notes of their runs say that they are imported.',
    )
    .summary('Import the stored results of a study.')
    .addHelpText('after', examples('study import basic-block-order'))
    .action(async (name: string, { scale }: { scale: ScaleName }) => {
      const api = await apiOf(context);
      for (const sweep of await api.studies.import(name, scale)) context.print(`${sweep.id}  ${sweep.name}`);
    });

export const study: Register = (program, context) => {
  const command = program
    .command('study')
    .description('Studies: questions of the field, each a folder of studies/ with its sweeps and its report.');
  for (const register of [list, plan, run, report, importResults]) register(command, context);
};
