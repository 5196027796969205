/** The tests run without a container engine: they compare docker-compose.yml and the Dockerfile with the code. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '@ablate/db';
import { EngineVariables } from '@ablate/engine/env';
import { REPOSITORY } from '@ablate/files';
import { MigrateVariables, readMigrateEnv } from '@ablate/supervisor';
import { readTrainerEnv, TrainerVariables } from '@ablate/training/env';
import ignore from '@balena/dockerignore';
import { DockerfileParser, type ImageTemplate } from 'dockerfile-ast';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { z } from 'zod';
import { ApiVariables, readApiEnv } from '../../apps/api/src/env.ts';
import { healthRoutes } from '../../apps/api/src/routes/health.ts';
import { CliVariables, readCliEnv } from '../../apps/cli/src/env.ts';
import { LONGEST_CLOSE_MS, readWorkerEnv, WorkerVariables } from '../../apps/worker/src/env.ts';
import { parseOptions } from '../../scripts/setup/options.mjs';
import { isNodeRecent } from '../../scripts/setup/prerequisites.mjs';
import { withNeeds } from '../../scripts/setup/steps.mjs';

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** Interpolates `${NAME:-default}` as compose does if no variable is set. */
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
const { services, volumes } = Compose.parse(
  parse(read('docker-compose.yml'), (_, value) => (typeof value === 'string' ? interpolate(value) : value), {
    merge: true,
  }),
);
const ours = Object.entries(services).filter(([, { build }]) => build);

const dockerfile = DockerfileParser.parse(read('Dockerfile'));

/** A stage of the Dockerfile: the image or the stage that it is made from, and its instructions. */
type Stage = { base: string; image: ImageTemplate };
const stages = new Map(
  dockerfile.getFROMs().map((from): [string, Stage] => {
    const image = dockerfile.getContainingImage(from.getRange().start);
    assert.ok(image);
    return [from.getBuildStage() ?? '', { base: from.getImage() ?? '', image }];
  }),
);

/** A stage and those that it is made from, the first one first. */
function lineage(name: string): ImageTemplate[] {
  const found = stages.get(name);
  assert.ok(found, `the Dockerfile has a stage ${name}`);
  return [...(stages.has(found.base) ? lineage(found.base) : []), found.image];
}

/** The words of the last instruction of that name in a stage or in those that it is made from. */
const last = (target: string, name: string): string[] =>
  lineage(target)
    .flatMap((image) => image.getInstructions())
    .findLast((instruction) => instruction.getKeyword() === name)
    ?.getArguments()
    .map((argument) => argument.getValue()) ?? [];

const imageEnv = (target: string): Record<string, string> =>
  Object.fromEntries(
    lineage(target)
      .flatMap((image) => image.getENVs())
      .flatMap((env) => env.getProperties())
      .map((property) => [property.getName(), property.getValue() ?? '']),
  );

const imageCommand = (target: string): string[] =>
  lineage(target)
    .flatMap((image) => image.getCMDs())
    .at(-1)
    ?.getJSONStrings()
    .map((word) => z.string().parse(JSON.parse(word.getValue()))) ?? [];

const commandOf = ({ command, entrypoint, build }: z.infer<typeof Service>): string[] =>
  entrypoint ?? command ?? imageCommand(build?.target ?? '');

const envOf = (service: z.infer<typeof Service>): Record<string, string> => ({
  ...imageEnv(service.build?.target ?? ''),
  ...Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, String(value)])),
});

type Entry = { variables: z.ZodObject[]; parse: (env: Record<string, string>) => unknown };

/** Per entry point: the variables of the process and its children, and how they are parsed. */
const entries: Record<string, Entry> = {
  'apps/api/src/server.ts': { variables: [ApiVariables], parse: readApiEnv },
  'apps/worker/src/worker.ts': {
    variables: [WorkerVariables, TrainerVariables, EngineVariables],
    parse: (env) => [readWorkerEnv(env), readTrainerEnv(env), EngineVariables.parse(env)],
  },
  'packages/supervisor/src/migrate.ts': { variables: [MigrateVariables], parse: readMigrateEnv },
  'apps/cli/bin/ablate.mjs': { variables: [CliVariables], parse: readCliEnv },
};

/** Variables of Node.js and of NVIDIA's container runtime. */
const FOREIGN = new Set(['NODE_ENV', 'NVIDIA_VISIBLE_DEVICES', 'NVIDIA_DRIVER_CAPABILITIES']);

function entryOf(service: z.infer<typeof Service>) {
  const [program, ...rest] = commandOf(service);
  assert.equal(program, 'node');
  const path = rest.find((word) => word.includes('/')) ?? '';
  const entry = entries[path];
  assert.ok(entry, `${path} is a known entry point`);
  assert.ok(existsSync(join(REPOSITORY, path)), `${path} exists`);
  return entry;
}

const dockerignore = ignore.default().add(read('.dockerignore'));

test('compose has a database, a queue, migrations, an API, workers, and workers for GPUs', () => {
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
  test(`${name}: its process reads every variable, and accepts its value`, async () => {
    const { variables, parse: parseEnv } = entryOf(service);
    const known = new Set([...FOREIGN, ...variables.flatMap(({ shape }) => Object.keys(shape))]);
    // The images of these two are the API's.
    const inImage = name === 'cli' || name === 'migrate' ? new Set(Object.keys(imageEnv('api'))) : new Set<string>();
    for (const variable of Object.keys(envOf(service)))
      assert.ok(known.has(variable) || inImage.has(variable), variable);
    await parseEnv(envOf(service));
  });

  test(`${name}: set-up builds its image, which runs as an ordinary user`, () => {
    const target = service.build?.target ?? '';
    assert.deepEqual(last(target, 'USER'), ['node']);
    const copy = lineage(target)
      .flatMap((image) => image.getCOPYs())
      .at(-1);
    assert.deepEqual(last(target, 'COPY'), ['/app', '/app']);
    const [program, script, ...args] = last(copy?.getFromFlag()?.getValue() ?? '', 'RUN');
    assert.deepEqual([program, script], ['node', 'scripts/setup.mjs']);
    const options = parseOptions(args);
    assert.ok(options?.only, `${args.join(' ')} names its steps`);
    const steps = withNeeds(options.only);
    assert.ok(steps.includes('prisma'), 'the Prisma client is generated');
    assert.equal(steps.includes('addon'), target.includes('worker'), 'only workers have TensorFlow');
    if (target === 'gpu-worker') assert.equal(options.tensorflow, 'gpu');
  });

  test(`${name}: its volumes and dependencies exist`, () => {
    for (const volume of service.volumes) {
      const [source = '', target = ''] = volume.split(':');
      assert.ok(source.startsWith('.') || source in volumes, `volume ${source} is declared`);
      assert.ok([envOf(service).ABLATE_HOME, '/datasets'].includes(target), `${target} is used`);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      assert.ok(other in services, other);
      if (condition === 'service_healthy') assert.ok(services[other]?.healthcheck, `${other} has a health check`);
    }
  });
}

test('data sets are searched where they are mounted, and the home is a volume of the user', () => {
  for (const target of ['worker', 'gpu-worker']) assert.equal(imageEnv(target).ABLATE_DATA, '/datasets');
  const home = imageEnv('runtime').ABLATE_HOME;
  assert.deepEqual(last('runtime', 'VOLUME'), [home]);
  assert.deepEqual(last('runtime', 'RUN'), ['install', '-d', '-o', 'node', '-g', 'node', home]);
  for (const name of ['api', 'worker', 'gpu-worker'])
    assert.ok(services[name]?.volumes.includes(`data:${home}`), `${name} shares the checkpoints`);
});

/** The routes of the service, without its connections. */
async function apiRoutes(t: TestContext) {
  const db = openDatabase({ url: 'postgresql://unused' });
  const redis = new Redis({ lazyConnect: true });
  t.after(async () => {
    redis.disconnect();
    await db.close();
  });
  const app = Fastify();
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  await app.register(healthRoutes({ db, redis }));
  await app.ready();
  return app;
}

test('only the API is reachable, from this machine, on the port that it listens on', async (t) => {
  const api = await apiRoutes(t);
  const { port, host } = readApiEnv(envOf(services.api ?? Service.parse({})));
  assert.equal(host, '0.0.0.0');
  const published = Object.entries(services).flatMap(([name, { ports }]) => ports.map((each) => `${name} ${each}`));
  assert.deepEqual(published, [`api 127.0.0.1:3000:${port}`]);
  assert.deepEqual(last('api', 'EXPOSE'), [String(port)]);
  const probe = new URL(/http:[^']+/.exec(services.api?.healthcheck?.test.join(' ') ?? '')?.[0] ?? '');
  assert.deepEqual([probe.hostname, Number(probe.port)], ['127.0.0.1', port]);
  assert.ok(api.hasRoute({ method: 'GET', url: probe.pathname }), `${probe.pathname} is a route`);
  assert.equal(services.cli?.environment.ABLATE_API_URL, `http://api:${port}`);
  const { allowedHosts } = readApiEnv(envOf(services.api ?? Service.parse({})));
  assert.ok(allowedHosts.includes('api'), 'the API accepts the name by which other containers call it');
  const inImage = new URL(/http:[^'"]+/.exec(last('api', 'HEALTHCHECK').join(' '))?.[0] ?? '');
  assert.deepEqual([inImage.hostname, Number(inImage.port)], ['127.0.0.1', port]);
  assert.ok(api.hasRoute({ method: 'GET', url: inImage.pathname }), `${inImage.pathname} is a route`);
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
  assert.equal(readers.size, 1, 'the role that is created is the one that is used');
  assert.deepEqual(services.redis?.command, [
    'redis-server',
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
  ]);
});

test('the grace period of a worker is longer than it takes to stop', () => {
  for (const name of ['worker', 'gpu-worker']) {
    const seconds = Number(/^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '')?.[1]);
    assert.ok(seconds * 1000 > LONGEST_CLOSE_MS, `${name}: ${seconds} s, and a worker takes ${LONGEST_CLOSE_MS} ms`);
  }
});

test('the build has a recent Node, the tools of set-up, and every file of the repository that it needs', () => {
  for (const { base } of stages.values()) {
    const major = /^node:(\d+)-bookworm(-slim)?$/.exec(base)?.[1];
    assert.ok(stages.has(base) || (major && isNodeRecent(`${major}.0.0`)), base);
  }
  const installs = last('tools', 'RUN');
  for (const tool of ['python3', 'python3-venv', 'g++', 'make']) assert.ok(installs.includes(tool), tool);
  const workspaces = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder)).map((name) => `${folder}/${name}/package.json`),
  );
  const needed = [
    'package-lock.json',
    '.npmrc',
    'scripts/setup.mjs',
    'prisma/schema.prisma',
    'prisma/migrations',
    'studies',
  ];
  for (const path of [...needed, ...workspaces, ...Object.keys(entries)])
    assert.equal(dockerignore.ignores(path), false, path);
  for (const path of [
    '.git/HEAD',
    'node_modules/x',
    'apps/api/node_modules/x',
    '.ablate/postgres',
    'packages/db/src/generated',
  ])
    assert.equal(dockerignore.ignores(path), true, path);
});
