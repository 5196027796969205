import { UserError } from '@ablate/contracts/user-error';
import { asJson, examples, type Register } from '../command.ts';
import { formatChecks, nodeCheck } from '../doctor/check.ts';

export const doctor: Register = (program, context) => {
  program
    .command('doctor')
    .description(
      'Check what a run needs: Node, TensorFlow, PostgreSQL, Redis, workers, checkpoint store, data sets. Exit code 1 if something is missing.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('doctor'))
    .action(async ({ json = false }: { json?: boolean }) => {
      // Imported here, not above: the other commands must neither wait for these modules nor fail with them.
      const [
        { tensorflowChecks },
        { apiCheck, postgresCheck, redisCheck, workersCheck },
        { datasetChecks },
        { checkpointsCheck },
      ] = await Promise.all([
        import('../doctor/tensorflow.ts'),
        import('../doctor/services.ts'),
        import('../doctor/datasets.ts'),
        import('../doctor/checkpoints.ts'),
      ]);
      const env = await context.env();
      const found = await Promise.all([
        tensorflowChecks(env, context.signal),
        postgresCheck(env),
        redisCheck(env),
        apiCheck(env, context.signal),
        workersCheck(env, context.signal),
        datasetChecks(env),
        checkpointsCheck(env),
      ]);
      const checks = [nodeCheck(process.versions.node), ...found.flat()];
      const missing = checks.filter(({ state }) => state === 'missing').map(({ name }) => name);
      context.print(json ? asJson({ works: missing.length === 0, checks }) : formatChecks(checks));
      if (missing.length > 0) throw new UserError(`runs cannot work on this machine: ${missing.join(', ')}`);
    });
};
