/** `npm run test:faults`: the fault tests at full length, and many rounds of the nemesis; prints a summary. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_HOME, REPOSITORY } from '../packages/files/src/repository.mjs';
import { SetupError } from './setup/command.mjs';
import { orExplain } from './setup/set-up.mjs';

const HELP = `Usage: npm run test:faults -- [options]
  Tests every fault of docs/reliability.md at full length. Then kills, freezes, disconnects and restarts every process
  at random, in rounds; after each round, checks every guarantee in SQL. Takes about half an hour.
  --rounds N     rounds with simulated trainers (default: 200)
  --real N       rounds with real trainers (default: 10)
  --seed N       random seed (default: drawn, and printed)
  --first N      number of the first round (default: 1). One round again: --seed S --first N --rounds 1 --real 0
  --continue     keep the earlier rounds of this seed, and run the missing ones
  --only-rounds  skip the tests of single faults
  --write        write the results into docs/reliability.md`;

const DOCUMENT = join(REPOSITORY, 'docs', 'reliability.md');
const MARKS = /(<!-- last run -->\n)[\s\S]*?(<!-- end of last run -->)/;

/** @typedef {{ trainer: string, seed: number, round: number, done: string[], runs: number, attempts: number, causes: Record<string, number>, gaveUp: number, seconds: number, broken: { invariant: string }[] }} Round */

/** @type {(name: string, text: string, least: number) => number} */
function whole(name, text, least) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new SetupError(`--${name} must be a whole number of at least ${least}, not "${text}"`);
  return number;
}

/** @type {(report: string) => Round[]} */
const readRounds = (report) =>
  readFileSync(report, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** @type {(rounds: Round[], asked: { simulated: number, real: number }) => string} */
function summary(rounds, asked) {
  const lines = [
    '| trainer | rounds | green | runs | attempts | ended otherwise | seconds a round |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const [trainer, wanted] of /** @type {const} */ ([
    ['simulated', asked.simulated],
    ['real', asked.real],
  ])) {
    const played = rounds.filter((round) => round.trainer === trainer);
    /** @type {(count: (round: Round) => number) => number} */
    const sum = (count) => played.reduce((total, round) => total + count(round), 0);
    /** @type {Map<string, number>} */
    const causes = new Map();
    for (const round of played)
      for (const [cause, count] of Object.entries(round.causes))
        if (cause !== 'completed') causes.set(cause, (causes.get(cause) ?? 0) + count);
    const green = played.filter(({ broken }) => broken.length === 0).length;
    const seconds = played.map((round) => round.seconds).sort((a, b) => a - b);
    const median = seconds[Math.floor(seconds.length / 2)]?.toFixed(1) ?? '–';
    const otherwise = [...causes].map(([cause, count]) => `${count} ${cause}`).join(', ') || 'none';
    lines.push(
      `| ${trainer} | ${played.length} of ${wanted} | ${green} | ${sum(({ runs }) => runs)} | ${sum(({ attempts }) => attempts)} | ${otherwise} | ${median} (median), ${seconds.at(-1)?.toFixed(1) ?? '–'} (longest) |`,
    );
  }
  const harms = rounds.reduce((total, { done }) => total + done.length, 0);
  const gaveUp = rounds.reduce((total, round) => total + round.gaveUp, 0);
  const seeds = [...new Set(rounds.map(({ seed }) => seed))].join(', ');
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;
  lines.push(
    '',
    `${harms} harms were done; ${gaveUp} runs failed since they were lost three times in a row without a newer checkpoint. Seed ${seeds}; ${new Date().toISOString().slice(0, 10)}; ${machine}; Node ${process.version}.`,
  );
  for (const { trainer, seed, round, broken } of rounds.filter((one) => one.broken.length > 0))
    lines.push(
      '',
      `Round ${round} of seed ${seed} (${trainer}) was red: ${broken.map(({ invariant }) => invariant).join('; ')}.`,
    );
  return lines.join('\n');
}

await orExplain(async () => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '200' },
      real: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      first: { type: 'string', default: '1' },
      continue: { type: 'boolean' },
      'only-rounds': { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const asked = { simulated: whole('rounds', values.rounds, 0), real: whole('real', values.real, 0) };
  const seed = whole('seed', values.seed, 0);
  const folder = join(DEFAULT_HOME, 'faults');
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `rounds-${seed}.jsonl`);
  if (!values.continue) rmSync(report, { force: true });
  const before = existsSync(report) ? readRounds(report) : [];
  const played = {
    simulated: before.filter(({ trainer }) => trainer === 'simulated').length,
    real: before.filter(({ trainer }) => trainer === 'real').length,
  };
  const first = whole('first', values.first, 1) + played.simulated;
  const left = {
    simulated: Math.max(0, asked.simulated - played.simulated),
    real: Math.max(0, asked.real - played.real),
  };
  console.log(`seed ${seed}; each round appends a line to ${report}`);

  const what = values['only-rounds'] ? 'test/faults/nemesis.test.ts' : 'test/faults';
  const minutes = Math.ceil(15 + (left.simulated * 30 + left.real * 90) / 60);
  const child = spawn(process.execPath, ['scripts/test.mjs', '--minutes', String(minutes), what], {
    cwd: REPOSITORY,
    stdio: 'inherit',
    env: {
      ...process.env,
      FAULTS_LONG: 'yes',
      FAULTS_SEED: String(seed),
      FAULTS_FIRST: String(first),
      FAULTS_ROUNDS: String(left.simulated),
      FAULTS_REAL_ROUNDS: String(left.real),
      FAULTS_REPORT: report,
    },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((done) => child.once('close', (code) => done(code ?? 1)));

  const text = summary(readRounds(report), asked);
  console.log(`\n${text}`);
  if (!values.write) return;
  const document = readFileSync(DOCUMENT, 'utf8');
  if (!MARKS.test(document)) throw new SetupError(`${DOCUMENT} has no markers for the results`);
  writeFileSync(DOCUMENT, document.replace(MARKS, `$1${text}\n$2`));
});
