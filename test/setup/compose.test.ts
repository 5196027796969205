/** No container engine runs where the tests do, so what docker-compose.yml and the Dockerfile say is held to the code instead. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readMigrateEnv } from '@ablate/supervisor';
import { readTrainerEnv } from '@ablate/training/env';
import { parse } from 'yaml';
import { z } from 'zod';
import { readApiEnv } from '../../apps/api/src/env.ts';
import { readCliEnv } from '../../apps/cli/src/env.ts';
import { readWorkerEnv } from '../../apps/worker/src/env.ts';
import { parseOptions } from '../../scripts/setup/options.mjs';
import { isNodeRecent } from '../../scripts/setup/prerequisites.mjs';
import { withNeeds } from '../../scripts/setup/steps.mjs';
import { repository } from '../support/environment.ts';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

/** As compose fills in `${NAME:-default}` where no variable is set. */
const interpolate = (text: string): string => text.replaceAll(/\$\{(\w+):-([^}]*)\}/g, '$2');

const Condition = z.enum(['service_healthy', 'service_completed_successfully']);
const Service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), target: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: Condition })).default({}),
  profiles: z.array(z.string()).default([]),
  restart: z.literal('unless-stopped').optional(),
  init: z.boolean().optional(),
  stop_grace_period: z.string().optional(),
  deploy: z.unknown().optional(),
});
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
});
const { services, volumes } = Compose.parse(parse(interpolate(read('docker-compose.yml')), { merge: true }));
const ours = Object.entries(services).filter(([, { build }]) => build);

type Instruction = { name: string; argument: string };
type Stage = { base: string; instructions: Instruction[] };

/** The stages of the Dockerfile by name. */
function readDockerfile(): Map<string, Stage> {
  const stages = new Map<string, Stage>();
  let current: Stage | undefined;
  for (const line of read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')) {
    const [, name, argument] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (!name || !argument) continue;
    if (name === 'FROM') {
      const [, base = '', stage = ''] = /^(\S+) AS (\S+)$/.exec(argument) ?? [];
      current = { base, instructions: [] };
      stages.set(stage, current);
    } else current?.instructions.push({ name, argument });
  }
  return stages;
}
const stages = readDockerfile();

function stage(name: string): Stage {
  const found = stages.get(name);
  assert.ok(found, `the Dockerfile has a stage ${name}`);
  return found;
}

/** Of a stage and of those that it is made from, in order. */
function inherited(name: string): Instruction[] {
  const { base, instructions } = stage(name);
  return [...(stages.has(base) ? inherited(base) : []), ...instructions];
}

const last = (target: string, name: string): string | undefined =>
  inherited(target).findLast((instruction) => instruction.name === name)?.argument;

function imageEnv(target: string): Record<string, string> {
  const pairs = inherited(target)
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ argument }) => argument.split(' '))
    .map((pair) => pair.split('=') as [string, string]);
  return Object.fromEntries(pairs);
}

const commandOf = ({ command, entrypoint, build }: z.infer<typeof Service>): string[] =>
  entrypoint ?? command ?? z.array(z.string()).parse(JSON.parse(last(build?.target ?? '', 'CMD') ?? '[]'));

const envOf = (service: z.infer<typeof Service>): Record<string, string> => ({
  ...imageEnv(service.build?.target ?? ''),
  ...Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, String(value)])),
});

/** Per entry point: where the variables that it and its children read are written down, and how they are read. */
const entries: Record<string, { sources: string[]; parse: (env: Record<string, string>) => unknown }> = {
  'apps/api/src/server.ts': { sources: ['apps/api/src/env.ts'], parse: readApiEnv },
  'apps/worker/src/worker.ts': {
    sources: ['apps/worker/src/env.ts', 'packages/training/src/env.ts', 'packages/engine/src/env.ts'],
    parse: (env) => [readWorkerEnv(env), readTrainerEnv(env)],
  },
  'packages/supervisor/src/start/migrate.ts': {
    sources: ['packages/supervisor/src/start/env.ts'],
    parse: readMigrateEnv,
  },
  'apps/cli/bin/ablate.mjs': { sources: ['apps/cli/src/env.ts'], parse: readCliEnv },
};

/** Read by Node.js and by NVIDIA's container runtime. */
const FOREIGN = /^(NODE_ENV|NVIDIA_VISIBLE_DEVICES|NVIDIA_DRIVER_CAPABILITIES)$/;

function entryOf(service: z.infer<typeof Service>) {
  const [program, ...rest] = commandOf(service);
  assert.equal(program, 'node');
  const path = rest.find((word) => word.includes('/')) ?? '';
  const entry = entries[path];
  assert.ok(entry, `${path} is an entry point that this test knows`);
  assert.ok(existsSync(join(repository, path)), `${path} exists`);
  return entry;
}

/** A line of .dockerignore as a pattern: `**` spans folders, `*` does not. */
function ignorePattern(line: string): RegExp {
  const glob = line.replaceAll(
    /\*\*\/|\*|\./g,
    (part) => ({ '**/': '(.*/)?', '*': '[^/]*', '.': '\\.' })[part] ?? part,
  );
  return new RegExp(`^${glob}(/|$)`);
}
const patterns = read('.dockerignore').split('\n').filter(Boolean).map(ignorePattern);
const isIgnored = (path: string): boolean => patterns.some((pattern) => pattern.test(path));

test('there are a database, a queue, migrations, an API, workers, and workers for GPUs', () => {
  assert.deepEqual(Object.keys(services).sort(), [
    'api',
    'cli',
    'gpu-worker',
    'migrate',
    'postgres',
    'redis',
    'worker',
  ]);
  assert.deepEqual(services['gpu-worker']?.profiles, ['gpu']);
  assert.match(JSON.stringify(services['gpu-worker']?.deploy), /"driver":"nvidia".*"capabilities":\["gpu"\]/);
});

for (const [name, service] of ours) {
  test(`${name}: every variable is one that its process reads, with a value that it takes`, async () => {
    const { sources, parse: parseEnv } = entryOf(service);
    const text = sources.map(read).join('\n');
    const inImage = name === 'cli' || name === 'migrate' ? new Set(Object.keys(imageEnv('api'))) : new Set<string>();
    for (const variable of Object.keys(envOf(service))) {
      if (FOREIGN.test(variable) || inImage.has(variable)) continue; // their image is the API's
      assert.match(
        text,
        new RegExp(`^ +${variable}:|\\{ ${variable}:|, ${variable}:`, 'm'),
        `${variable} is read in ${sources}`,
      );
    }
    await parseEnv(envOf(service));
  });

  test(`${name}: its image is a target that the set-up script fills, and runs as an ordinary user`, () => {
    const target = service.build?.target ?? '';
    assert.equal(last(target, 'USER'), 'node');
    const from = /--from=(\S+) \/app \/app/.exec(last(target, 'COPY') ?? '')?.[1] ?? '';
    const setup = inherited(from).findLast(({ name: each }) => each === 'RUN')?.argument ?? '';
    const args = /node scripts\/setup\.mjs (.*)$/.exec(setup)?.[1]?.split(' ') ?? [];
    const options = parseOptions(args);
    assert.ok(options?.only, `${setup} names its steps`);
    const steps = withNeeds(options.only);
    assert.ok(steps.includes('prisma'), 'the Prisma client is generated');
    assert.equal(steps.includes('addon'), target.includes('worker'), 'TensorFlow is there for workers alone');
    if (target === 'gpu-worker') assert.equal(options.tensorflow, 'gpu');
  });

  test(`${name}: what it mounts and depends on exists`, () => {
    for (const volume of service.volumes) {
      const [source = '', target = ''] = volume.split(':');
      assert.ok(source.startsWith('.') || source in volumes, `volume ${source} is declared`);
      assert.ok([envOf(service).ABLATE_HOME, '/datasets'].includes(target), `${target} is used`);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      assert.ok(other in services, other);
      if (condition === 'service_healthy')
        assert.ok(services[other]?.healthcheck, `${other} tells whether it is healthy`);
    }
  });
}

test('data sets are looked for where they are mounted, and the home is a volume of the user', () => {
  for (const target of ['worker', 'gpu-worker']) assert.equal(imageEnv(target).ABLATE_DATA, '/datasets');
  const home = imageEnv('runtime').ABLATE_HOME;
  assert.equal(last('runtime', 'VOLUME'), home);
  assert.equal(last('runtime', 'RUN'), `install -d -o node -g node ${home}`);
  for (const name of ['api', 'worker', 'gpu-worker'])
    assert.ok(services[name]?.volumes.includes(`data:${home}`), `${name} shares the checkpoints`);
});

test('only the API is reachable, from this machine, on the port that it listens on', () => {
  const { port, host } = readApiEnv(envOf(services.api ?? Service.parse({})));
  assert.equal(host, '0.0.0.0');
  const published = Object.entries(services).flatMap(([name, { ports }]) => ports.map((each) => `${name} ${each}`));
  assert.deepEqual(published, [`api 127.0.0.1:3000:${port}`]);
  assert.equal(last('api', 'EXPOSE'), String(port));
  const probe = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(services.api?.healthcheck?.test.join(' ') ?? '');
  assert.equal(Number(probe?.[1]), port);
  assert.ok(read('apps/api/src/routes/health.ts').includes(`'${probe?.[2]}'`), `${probe?.[2]} is a route`);
  assert.equal(services.cli?.environment.ABLATE_API_URL, `http://api:${port}`);
});

test('addresses name the services, and their users and databases', () => {
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = services.postgres?.environment ?? {};
  const expected = `postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`;
  const readers = new Set<unknown>();
  for (const [name, { environment }] of ours) {
    if (environment.DATABASE_URL) assert.equal(environment.DATABASE_URL, expected, name);
    if (environment.REDIS_URL) assert.equal(environment.REDIS_URL, 'redis://redis:6379', name);
    if (environment.ABLATE_READER_URL) readers.add(environment.ABLATE_READER_URL);
  }
  assert.equal(readers.size, 1, 'the role that is made is the one that is used');
  assert.deepEqual(services.redis?.command, [
    'redis-server',
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
  ]);
});

test('a worker is given longer to stop than it takes', () => {
  const longest = Number(
    /LONGEST_CLOSE_MS = ([\d_]+)/.exec(read('apps/worker/src/worker.ts'))?.[1]?.replaceAll('_', ''),
  );
  for (const name of ['worker', 'gpu-worker']) {
    const seconds = Number(/^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '')?.[1]);
    assert.ok(seconds * 1000 > longest, `${name}: ${seconds} s against ${longest} ms`);
  }
});

test('the build has a Node, the tools that the set-up asks for, and every file of the repository that it needs', () => {
  for (const { base } of stages.values()) {
    const major = /^node:(\d+)-bookworm(-slim)?$/.exec(base)?.[1];
    assert.ok(stages.has(base) || (major && isNodeRecent(`${major}.0.0`)), base);
  }
  const installs = stage('tools').instructions.find(({ name }) => name === 'RUN')?.argument ?? '';
  for (const tool of ['python3', 'python3-venv', 'g++', 'make']) assert.ok(installs.split(' ').includes(tool), tool);
  const workspaces = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(join(repository, folder)).map((name) => `${folder}/${name}/package.json`),
  );
  const needed = [
    'package-lock.json',
    '.npmrc',
    'scripts/setup.mjs',
    'prisma/schema.prisma',
    'prisma/migrations',
    'studies',
  ];
  for (const path of [...needed, ...workspaces, ...Object.keys(entries)]) assert.equal(isIgnored(path), false, path);
  for (const path of [
    '.git/HEAD',
    'node_modules/x',
    'apps/api/node_modules/x',
    '.ablate/postgres',
    'packages/db/src/generated',
  ])
    assert.equal(isIgnored(path), true, path);
});
