/** `npm start` after set-up: supervises Ablate's servers and processes until a signal stops it. */
import { once } from 'node:events';
import { join } from 'node:path';
import { openApi } from '@ablate/client';
import { isPlainPath } from '@ablate/files';
import { createSupervisor, PSQL_SERVICE, psqlServiceFile, readStartEnv, type StartEnv } from '@ablate/supervisor';
import { EXIT, type ExitCode, explainError } from '../failure.ts';
import { openScreen } from '../screen.ts';
import { runSample } from './sample.ts';

export type StartOptions = { sample: boolean; workers: number; port?: number };

/** A path as one word of a shell. */
const shellQuoted = (path: string): string => (isPlainPath(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

const addresses = (apiUrl: string, readerUrl: string | null, { home }: StartEnv): string =>
  [
    ['pages', apiUrl],
    ['API', `${apiUrl}/api/v1`],
    ['API docs', `${apiUrl}/docs`],
    ['queue', `${apiUrl}/queues`],
    ['SQL', 'npx ablate sql "select * from ablation"'],
    // Never the address itself: it has a password, which the screen, its log and the arguments of psql would show.
    ...(readerUrl ? [['', `PGSERVICEFILE=${shellQuoted(psqlServiceFile(home))} psql service=${PSQL_SERVICE}`]] : []),
    ...(readerUrl ? [['', 'npx ablate sql --url (the address, with its password, for other programs)']] : []),
    ['next sweep', 'npx ablate submit studies/first-run/sweep.json --wait'],
    ['logs', join(home, 'logs')],
    ['stop', 'Ctrl-C; runs are saved, and the next npm start resumes them'],
  ]
    .map(([what = '', where]) => `  ${what.padEnd(14)}${where}`)
    .join('\n');

/** Runs until SIGINT, SIGTERM or SIGHUP, then stops everything, also after an error. Resolves to the exit code. */
export async function start(options: StartOptions): Promise<ExitCode> {
  const began = performance.now();
  const screen = openScreen(process.stdout);
  const stopping = new AbortController();
  const { signal } = stopping;
  const onSignal = (): void => {
    if (!signal.aborted) process.stdout.write('\nStopping: saving runs …\n');
    stopping.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  process.stdout.on('error', () => stopping.abort()); // the terminal is gone

  let code: ExitCode = EXIT.done;
  const fail = (error: unknown): void => {
    const { message, exitCode } = explainError('npm start', error);
    process.stderr.write(`${message}\n`);
    code = exitCode;
  };
  try {
    const env = readStartEnv(process.env);
    const { port = env.port, workers, sample } = options;
    const supervisor = createSupervisor(env, { port, workers, say: (line) => screen.line(line) });
    try {
      const { apiUrl, readerUrl } = await supervisor.start(signal);
      screen.line(`Ablate serves at ${apiUrl} (ready after ${((performance.now() - began) / 1000).toFixed(1)} s)`);
      if (sample) await runSample(openApi(apiUrl, { signal }), env, screen, signal);
      screen.line(addresses(apiUrl, readerUrl, env));
      if (!signal.aborted) await once(signal, 'abort');
    } catch (error) {
      if (!signal.aborted) fail(error);
    } finally {
      for (const error of await supervisor.stop()) fail(error);
    }
  } catch (error) {
    fail(error);
  }
  if (signal.aborted) process.stdout.write('Stopped.\n');
  return code;
}
