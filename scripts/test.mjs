/** `npm test`: set-up, type check and lint, then the tests, with a PostgreSQL and a Redis that run for as long as they do. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PYTHON_ENVIRONMENT, REPOSITORY } from '../packages/files/src/repository.mjs';
import { SetupError } from './setup/command.mjs';
import { orExplain, setUp } from './setup/set-up.mjs';

const HELP = `Usage: npm test -- [options] [files or folders]
  Without files: type check, lint, and all tests. With files (test/db, test/api/sweeps.test.ts): only those tests.
  --no-setup         skip set-up
  --only PATTERN     only tests whose names match
  --minutes N        minutes after which a test file is stopped (default: 10)`;

const CONCURRENCY = 3; // on two cores: fault tests wait for leases more than they compute
const MINUTES = 10; // only for files that hang: no test asserts a duration

/** Variables of a real installation: no test may reach it. */
const WITHHELD = [
  'DATABASE_URL',
  'ABLATE_READER_URL',
  'REDIS_URL',
  'ABLATE_HOME',
  'ABLATE_CHECKPOINTS',
  'ABLATE_PORT',
  'ABLATE_HOST',
];

/** @type {(selected: string[]) => string[]} */
function testFiles(selected) {
  const files = (selected.length > 0 ? selected : ['test']).flatMap((name) => {
    const path = resolve(REPOSITORY, name);
    if (!existsSync(path)) throw new SetupError(`${name}: no such file or folder`);
    if (statSync(path).isFile()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((entry) => entry.endsWith('.test.ts'))
      .map((entry) => join(path, entry));
  });
  if (files.length === 0) throw new SetupError(`no *.test.ts in ${selected.join(', ')}`);
  return [...new Set(files)].sort().map((file) => relative(REPOSITORY, file));
}

/**
 * Runs a command on this terminal; resolves to its exit code.
 * @type {(command: string, args: string[], env?: NodeJS.ProcessEnv) => Promise<number>}
 */
const run = (command, args, env = process.env) =>
  new Promise((done, reject) => {
    const child = spawn(command, args, { cwd: REPOSITORY, env, stdio: 'inherit' });
    /** @type {(signal: NodeJS.Signals) => void} */
    const forward = (signal) => void child.kill(signal);
    process.on('SIGTERM', forward).on('SIGINT', forward); // this process stays, to stop the servers
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', forward);
      done(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });

/**
 * Starts the servers that TEST_DATABASE_URL and TEST_REDIS_URL do not name.
 * @type {() => Promise<{ env: Record<string, string>, stop: () => Promise<void> }>}
 */
async function startServers() {
  const { register } = await import('tsx/esm/api');
  const unregister = register();
  const { findRedisServer, startPostgres, startRedis } = await import('@ablate/supervisor');
  await unregister();
  const home = mkdtempSync(join(tmpdir(), 'ablate-test-'));
  chmodSync(home, 0o711); // the account of PostgreSQL must enter it

  /** @type {Record<string, string>} */
  const env = {};
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  const stop = async () => {
    await Promise.all(stops.map((end) => end()));
    rmSync(home, { recursive: true, force: true });
  };
  try {
    if (!process.env.TEST_DATABASE_URL) {
      const postgres = await startPostgres({ home, durable: false });
      stops.push(postgres.stop);
      env.TEST_DATABASE_URL = postgres.url;
    }
    if (!process.env.TEST_REDIS_URL) {
      const found = findRedisServer({ path: process.env.PATH ?? '', environment: PYTHON_ENVIRONMENT });
      if (!found) throw new SetupError('no Redis server found: run npm run setup with REDIS_URL unset');
      const redis = await startRedis({ home, binary: found.binary, databases: 1024 });
      stops.push(redis.stop);
      env.TEST_REDIS_URL = redis.url;
    }
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

await orExplain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'no-setup': { type: 'boolean' },
      only: { type: 'string' },
      minutes: { type: 'string', default: String(MINUTES) },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const files = testFiles(positionals);
  if (!values['no-setup']) await setUp();
  if (positionals.length === 0) {
    const status = await run('npm', ['run', '--silent', 'check']);
    if (status !== 0) {
      process.exitCode = status;
      return;
    }
  }
  const servers = await startServers();
  try {
    const env = { ...process.env, ...servers.env };
    for (const name of WITHHELD) delete env[name];
    const timeout = Math.round(Number(values.minutes) * 60_000);
    const args = ['--import', 'tsx', '--test', `--test-concurrency=${CONCURRENCY}`, `--test-timeout=${timeout}`];
    const only = values.only ? [`--test-name-pattern=${values.only}`] : [];
    const reporters = ['spec', join(REPOSITORY, 'scripts', 'skipped-reporter.mjs')].flatMap((reporter) => [
      `--test-reporter=${reporter}`,
      '--test-reporter-destination=stdout',
    ]);
    process.exitCode = await run(process.execPath, [...args, ...reporters, ...only, ...files], env);
  } finally {
    await servers.stop();
  }
});
