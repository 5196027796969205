import { openApi } from '@ablate/client';
import type { Context, Register } from '../command.ts';
import { Failure } from '../failure.ts';
import { openScreen } from '../screen.ts';
import { ablation } from '../sweep/ablation.ts';
import { formatAnswer } from '../sweep/answer.ts';
import { formatPoint } from '../sweep/axes.ts';
import { baselineOf } from '../sweep/baseline.ts';
import { expandSpec, readSpec } from '../sweep/spec-file.ts';
import { type Watched, watchSweep } from '../sweep/watch.ts';
import { formatTable } from '../table.ts';

type Options = { key?: string; wait?: boolean; dryRun?: boolean; json?: boolean };

/** What a spec would train, found without the API. */
function plan(file: string, written: unknown, { json, print }: { json: boolean; print: Context['print'] }): void {
  const { spec, points } = expandSpec(file, written);
  const { seeds } = spec;
  const runs = points.length * seeds.length;
  if (json) {
    print(JSON.stringify({ configs: points, seeds, runs }, null, 2));
    return;
  }
  const rows = points.map(({ axes, hash }, i) => [i + 1, formatPoint(axes), hash.slice(0, 12)]);
  print(formatTable(['', 'config', 'hash'], rows));
  print(`${points.length} configs × ${seeds.length} seeds = ${runs} runs; nothing was submitted`);
}

/** Throws unless every run succeeded. */
function report({ sweep, runs }: Watched, { json, print }: { json: boolean; print: Context['print'] }): void {
  const rows = ablation(runs, { baseline: baselineOf(sweep) });
  print(json ? JSON.stringify({ sweep, runs, ablation: rows }, null, 2) : formatAnswer({ sweep, runs }));
  const short = runs.filter((run) => run.state !== 'succeeded').length;
  if (short > 0) throw new Failure(`${short} of ${runs.length} runs did not succeed: \`ablate show ${sweep.id}\``);
}

export const submit: Register = (program, context) => {
  program
    .command('submit')
    .description('Submit the sweep that a JSON file specifies (- reads stdin).')
    .argument('<spec.json>')
    .option('--key <text>', 'a name for this submission: submitted again with it, there is still one sweep')
    .option('--wait', 'show its progress until every run has ended, then its table')
    .option('--dry-run', 'check it and list its configs, without the API')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExample: ablate submit studies/first-run.json --wait')
    .action(async (file: string, { key, wait = false, dryRun = false, json = false }: Options) => {
      const { print, say, signal } = context;
      const spec = await readSpec(file);
      if (dryRun) return plan(file, spec, { json, print });
      const { apiUrl } = await context.env();
      const api = openApi(apiUrl, { signal });
      const sweep = await api.createSweep(spec, key);
      const runs = Object.values(sweep.counts).reduce((a, b) => a + b, 0);
      if (!wait) {
        print(
          json
            ? JSON.stringify(sweep, null, 2)
            : `${sweep.id}  ${runs} runs queued; \`ablate show ${sweep.id}\` shows them`,
        );
        return;
      }
      say(`${sweep.id}  ${runs} runs queued`);
      try {
        const watched = await watchSweep(api, sweep.id, { screen: openScreen(process.stderr), signal });
        report(watched, { json, print });
      } catch (error) {
        if (signal.aborted) say(`the sweep goes on: \`ablate show ${sweep.id}\`, \`ablate cancel ${sweep.id}\``);
        throw error;
      }
    });
};
