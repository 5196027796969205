import type { Answer } from '@ablate/contracts';
import { count } from '@ablate/contracts/count';
import { UserError } from '@ablate/contracts/user-error';
import { apiOf, asJson, type Context, examples, type Register } from '../command.ts';
import { openScreen } from '../screen.ts';
import { readSpec } from '../sweep/spec-file.ts';
import type { Watched } from '../sweep/watch.ts';
import { formatTable } from '../table.ts';

type Options = { key?: string; wait?: boolean; dryRun?: boolean; json?: boolean };
type Output = { json: boolean; print: Context['print'] };

/** Axes in the order in which PostgreSQL keeps them, so that a config has one name before and after submission. */
const asStored = (axes: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(axes).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)));

/** Print the configs of a spec, what they cost and what their seeds can show. Without an API, the plan knows no earlier runs. */
async function plan(
  file: string,
  written: unknown,
  { json, context }: { json: boolean; context: Context },
): Promise<void> {
  const { print } = context;
  const [{ namesConfigsFirst }, { expandSpec }, { axisTexts, formatPoint }, { planSpec }] = await Promise.all([
    import('@ablate/contracts'),
    import('../sweep/expand-spec.ts'),
    import('@ablate/answers'),
    import('../sweep/plan-spec.ts'),
  ]);
  const { spec, points } = expandSpec(file, written);
  const planned = await planSpec({ spec, points, written }, await apiOf(context));
  const { seeds } = spec;
  const { runs } = planned;
  if (json) {
    print(asJson({ configs: points, seeds, runs, plan: planned }));
    return;
  }
  const text = axisTexts(points);
  const rows = points.map(({ axes, hash }, i) => [i, formatPoint(asStored(axes), { text }), hash.slice(0, 12)]);
  if (!namesConfigsFirst(spec.search)) print('some of the configs that the search may choose:');
  print(formatTable(['#', 'config', 'hash'], rows));
  for (const line of planned.lines.slice(1)) print(line);
  print(`${planned.lines[0]?.replace(/\.$/, '')}; nothing was submitted`);
}

/** Print the result of a finished sweep. @throws UserError unless every run succeeded, or its search dropped it */
async function report({ sweep, runs }: Watched, answer: Answer, { json, print }: Output): Promise<void> {
  const { formatAnswer } = await import('../answer/format.ts');
  print(json ? asJson({ sweep, runs, answer }) : formatAnswer(answer));
  const unsuccessful = runs.filter(({ state }) => state !== 'succeeded' && state !== 'pruned').length;
  if (unsuccessful > 0)
    throw new UserError(`${unsuccessful} of ${count(runs.length, 'run')} did not succeed: \`ablate show ${sweep.id}\``);
}

export const submit: Register = (program, context) => {
  program
    .command('submit')
    .description('Submit a sweep.')
    .argument('<spec.json>', 'file of the spec; - reads stdin')
    .option('--key <text>', 'idempotency key: submitting the spec again with it returns the same sweep')
    .option('--wait', 'show progress until every run has finished, then the table of results')
    .option(
      '--dry-run',
      'validate the spec, list its configs, and say what they cost and what the seeds can show; submits nothing',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('submit studies/first-run/sweep.json --wait'))
    .action(async (file: string, { key, wait = false, dryRun = false, json = false }: Options) => {
      const { print, log, signal } = context;
      const spec = await readSpec(file);
      if (dryRun) return plan(file, spec, { json, context });
      const api = await apiOf(context);
      // Before the submission: the first runs start while it would be loaded.
      const { watchSweep } = await import('../sweep/watch.ts');
      const sweep = await api.sweeps.create(spec, key);
      const runs = Object.values(sweep.counts).reduce((a, b) => a + b, 0);
      const queued = `${sweep.id}  ${runs === 0 ? 'its search asks for runs' : `${count(runs, 'run')} queued`}`;
      if (!wait) return print(json ? asJson(sweep) : `${queued}; \`ablate show ${sweep.id}\` lists them`);
      log(queued);
      try {
        const watched = await watchSweep(api, sweep.id, { screen: openScreen(process.stderr), signal });
        await report(watched, await api.sweeps.answer(sweep.id), { json, print });
      } catch (error) {
        if (signal.aborted) log(`the sweep continues: \`ablate show ${sweep.id}\`, \`ablate cancel ${sweep.id}\``);
        throw error;
      }
    });
};
