import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { jsonPointer, Spec, zodComplaints } from '@ablate/contracts';
import { expand } from '@ablate/search';
import { openApi } from '../api/client.ts';
import type { Context, Register } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { openScreen } from '../screen.ts';
import { ablation } from '../sweep/ablation.ts';
import { formatAnswer } from '../sweep/answer.ts';
import { formatPoint } from '../sweep/axes.ts';
import { baselineOf } from '../sweep/baseline.ts';
import { type Watched, watchSweep } from '../sweep/watch.ts';
import { formatTable } from '../table.ts';

type Options = { key?: string; wait?: boolean; dryRun?: boolean; json?: boolean };

const MAX_SPEC_BYTES = 4 * 2 ** 20;

async function readSpec(file: string): Promise<unknown> {
  let written: string;
  try {
    written = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${error instanceof Error ? error.message : error}`, EXIT.usage);
  }
  if (written.length > MAX_SPEC_BYTES) throw new Failure(`${file} is larger than ${MAX_SPEC_BYTES} bytes`, EXIT.usage);
  try {
    return JSON.parse(written);
  } catch (error) {
    throw new Failure(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, EXIT.usage);
  }
}

const refuse = (file: string, complaints: readonly { pointer: string; detail: string }[]): Failure =>
  new Failure(
    [
      `${file} cannot be run:`,
      ...complaints.map(({ pointer, detail }) => `  ${pointer || '(the whole)'}: ${detail}`),
    ].join('\n'),
    EXIT.usage,
  );

/** What a spec would train, found without the API. */
function plan(file: string, written: unknown, { json, print }: { json: boolean; print: Context['print'] }): void {
  const spec = Spec.safeParse(written);
  if (!spec.success) {
    const complaints = zodComplaints(spec.error);
    throw refuse(
      file,
      complaints.map(({ path, message }) => ({ pointer: jsonPointer(path), detail: message })),
    );
  }
  const expansion = expand(spec.data);
  if ('complaints' in expansion) throw refuse(file, expansion.complaints);
  const { points } = expansion;
  const { seeds } = spec.data;
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
