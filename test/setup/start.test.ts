import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { identify, type ProcessIdentity, REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { end, freePort, gone } from '@ablate/supervisor';
import pg from 'pg';

type Started = { process: ChildProcess; output: () => string; until: (pattern: RegExp) => Promise<void> };

function npmStart(home: string, port: number): Started {
  const child = spawn(process.execPath, ['scripts/start.mjs', '--no-sample', '--port', String(port)], {
    cwd: REPOSITORY,
    env: { ...process.env, ABLATE_HOME: home, ABLATE_DEVICE: 'cpu' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const until = async (pattern: RegExp) => {
    while (!pattern.test(output)) {
      if (child.exitCode !== null) throw new Error(`npm start exited with ${child.exitCode}:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { process: child, output: () => output, until };
}

/** Every process of that home: its command line, environment or current directory names it. */
function processesOf(home: string): ProcessIdentity[] {
  const mentions = (pid: string, file: string): boolean => {
    try {
      const path = `/proc/${pid}/${file}`;
      return (file === 'cwd' ? readlinkSync(path) : readFileSync(path, 'utf8')).includes(home);
    } catch {
      return false; // it has ended, or belongs to another user
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => ['cmdline', 'environ', 'cwd'].some((file) => mentions(pid, file)))
    .flatMap((pid) => identify(Number(pid)) ?? []);
}

/** Empty once the process has ended: PostgreSQL's come and go. */
function commandOf({ pid }: ProcessIdentity): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

async function newHome(t: TestContext): Promise<{ home: string; port: number }> {
  const { path, remove } = temporaryFolder();
  t.after(async () => {
    await Promise.all(processesOf(path).map((each) => end(each, [['SIGKILL', 10]])));
    remove();
  });
  return { home: join(path, 'home'), port: await freePort('127.0.0.1') };
}

/** Every password in the state files of a home. */
const passwordsOf = (home: string): string[] =>
  ['postgres.json', 'redis.json', 'reader.json'].map((file) => {
    const { password } = JSON.parse(readFileSync(join(home, file), 'utf8'));
    assert.ok(typeof password === 'string' && password.length > 20, file);
    return password;
  });

const servicesOf = (home: string) => JSON.parse(readFileSync(join(home, 'services.json'), 'utf8'));

/** No password is on the screen, in the arguments of a process, or in a file that others can read. */
function assertPrivate(started: Started, home: string): void {
  const passwords = passwordsOf(home);
  for (const password of passwords) assert.doesNotMatch(started.output(), new RegExp(password));
  assert.match(started.output(), /other users can no longer read it \(its mode was 0755\)/);
  assert.match(started.output(), /PGSERVICEFILE=.+pg_service\.conf'? psql service=ablate/);
  const running = processesOf(home);
  assert.ok(running.length >= 5, running.map(commandOf).join('\n'));
  for (const each of running)
    for (const password of passwords) assert.ok(!commandOf(each).includes(password), commandOf(each));

  const allowed = process.getuid?.() === 0 ? 0o711 : 0o700; // PostgreSQL does not run as root: it passes through
  assert.equal(statSync(home).mode & 0o777, allowed);
  assert.equal(statSync(join(home, 'logs')).mode & 0o777 & ~allowed, 0);
  for (const folder of [home, join(home, 'logs')])
    for (const name of readdirSync(folder)) {
      const found = statSync(join(folder, name));
      if (found.isFile()) assert.equal(found.mode & 0o777, 0o600, name);
    }
  const [, reader] = /^password=(.+)$/m.exec(readFileSync(join(home, 'pg_service.conf'), 'utf8')) ?? [];
  assert.equal(reader, passwords[2]);
  const { stdout, stderr } = spawnSync(process.execPath, ['apps/cli/bin/ablate.mjs', 'sql', '--url'], {
    cwd: REPOSITORY,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ABLATE_HOME: home },
    encoding: 'utf8',
  });
  assert.equal(stdout.trim(), servicesOf(home).readerUrl, stderr);
}

test('npm start serves, keeps passwords to itself, survives kill -9 of any process, and leaves no process', {
  skip: process.platform !== 'linux' && 'reads /proc',
}, async (t) => {
  const { home, port } = await newHome(t);
  mkdirSync(join(home, 'logs'), { recursive: true });
  for (const folder of [home, join(home, 'logs')]) chmodSync(folder, 0o755); // as an older version left them
  const first = npmStart(home, port);
  await first.until(/stop {2,}Ctrl-C/);
  assertPrivate(first, home);
  const { apiUrl, readerUrl } = servicesOf(home);
  assert.equal(apiUrl, `http://127.0.0.1:${port}`);
  assert.equal((await fetch(`${apiUrl}/ready`)).status, 200);
  const reader = new pg.Client({ connectionString: readerUrl });
  await reader.connect();
  await assert.rejects(reader.query('CREATE TABLE mine (x int)'), /permission denied|read-only/);
  await reader.end();

  const second = npmStart(home, port);
  await once(second.process, 'close');
  assert.equal(second.process.exitCode, 1);
  assert.match(second.output(), new RegExp(`already running \\(process ${first.process.pid},`));

  const find = (word: string) => processesOf(home).filter((each) => commandOf(each).includes(word));
  for (const [word, line] of [
    ['server.ts', /api was killed by SIGKILL; restarting/],
    ['redis', /Redis has ended; restarting/],
    ['bin/postgres', /PostgreSQL has ended; restarting/],
  ] as const) {
    const [victim] = find(word);
    assert.ok(victim, `${word} runs`);
    process.kill(victim.pid, 'SIGKILL');
    await first.until(line);
  }
  while (
    !(await fetch(`${apiUrl}/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 100));

  // kill -9 of the supervisor: its children exit, its servers run on and are adopted
  const children = [...find('server.ts'), ...find('worker.ts')];
  assert.equal(children.length, 2);
  const [postgres] = find('bin/postgres');
  first.process.kill('SIGKILL');
  const third = npmStart(home, port);
  await third.until(/serves at/);
  for (const child of children) assert.equal(await gone(child, 0), true);
  assert.ok(postgres);
  assert.equal(await gone(postgres, 0), false);

  third.process.kill('SIGINT');
  await once(third.process, 'close');
  assert.equal(third.process.exitCode, 0, third.output());
  for (const left of processesOf(home)) assert.equal(await gone(left, 10), true, commandOf(left));
  for (const file of ['services.json', 'pg_service.conf']) assert.equal(existsSync(join(home, file)), false);
});

test('a port in use is reported, and no process is left', async (t) => {
  const { home, port } = await newHome(t);
  const other = createServer().listen(port, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const started = npmStart(home, port);
  await once(started.process, 'close');
  assert.equal(started.process.exitCode, 1);
  assert.match(
    started.output(),
    new RegExp(`port ${port} on 127.0.0.1 is in use by another program: npm start -- --port ${port + 1}`),
  );
  for (const left of processesOf(home)) assert.equal(await gone(left, 10), true, commandOf(left));
});
