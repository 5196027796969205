import type { Register } from '../command.ts';
import type { Check } from '../doctor/check.ts';
import { Failure } from '../failure.ts';

const OLDEST_NODE = [20, 19] as const;

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return recent
    ? { name: 'Node', state: 'ok', detail: version }
    : {
        name: 'Node',
        state: 'missing',
        detail: `${version} is too old`,
        remedy: `install ${OLDEST_NODE.join('.')} or later`,
      };
}

const MARKS: Record<Check['state'], string> = { ok: '✓', warning: '!', missing: '✗' };

const format = (checks: readonly Check[]): string => {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(
      ({ name, state, detail, remedy }) =>
        `${MARKS[state]} ${name.padEnd(width)}  ${detail}${remedy ? `: ${remedy}` : ''}`,
    )
    .join('\n');
};

export const doctor: Register = (program, context) => {
  program
    .command('doctor')
    .description('Say what was found of what a run needs. Exit code 1 if a run could not work.')
    .option('--json', 'answer in JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      // Loaded here, not above: the other commands must not wait for them, nor fail with them.
      const [{ tensorflowChecks }, { apiCheck, postgresCheck, redisCheck }, { datasetChecks }] = await Promise.all([
        import('../doctor/tensorflow.ts'),
        import('../doctor/services.ts'),
        import('../doctor/datasets.ts'),
      ]);
      const env = await context.env();
      const found = await Promise.all([
        tensorflowChecks(context.signal),
        postgresCheck(env),
        redisCheck(env, env.path),
        apiCheck(env, context.signal),
        datasetChecks(env),
      ]);
      const checks = [nodeCheck(process.versions.node), ...found.flat()];
      const missing = checks.filter(({ state }) => state === 'missing').map(({ name }) => name);
      context.print(json ? JSON.stringify({ works: missing.length === 0, checks }, null, 2) : format(checks));
      if (missing.length > 0) throw new Failure(`a run could not work here: ${missing.join(', ')}`);
    });
};
