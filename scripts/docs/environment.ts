/** `docs/environment.md`: every environment variable, from the schemas with which each process parses its own. */

import { EngineVariables } from '@ablate/engine/env';
import { MigrateVariables, StartVariables } from '@ablate/supervisor';
import { TrainerVariables } from '@ablate/training/env';
import type { z } from 'zod';
import { ApiVariables } from '../../apps/api/src/env.ts';
import { CliVariables } from '../../apps/cli/src/env.ts';
import { WorkerVariables } from '../../apps/worker/src/env.ts';
import { HELP } from '../setup/options.mjs';
import { code, type Field, fieldsOf, table } from './table.ts';

/** The schema of each process; the first that reads a variable describes it. */
const PROCESSES: Readonly<Record<string, z.ZodObject>> = {
  api: ApiVariables,
  worker: WorkerVariables,
  trainer: TrainerVariables,
  engine: EngineVariables,
  start: StartVariables,
  migrate: MigrateVariables,
  cli: CliVariables,
};

type Variable = Field & { readers: string[] };

function variables(): Variable[] {
  const found = new Map<string, Variable>();
  for (const [reader, schema] of Object.entries(PROCESSES))
    for (const field of fieldsOf(schema)) {
      const known = found.get(field.name);
      if (known) known.readers.push(reader);
      else found.set(field.name, { ...field, readers: [reader] });
    }
  return [...found.values()];
}

const rows = (of: readonly Variable[]): string =>
  table(
    ['variable', 'accepts', 'default', 'description', 'read by'],
    of.map((row) => [
      code(row.name),
      row.accepts,
      row.default === code('') ? '' : row.default,
      row.description,
      row.readers.join(', '),
    ]),
  );

/** The whole page. */
export function environmentPage(): string {
  const all = variables();
  const isShared = ({ readers }: Variable): boolean => readers.length > 1;
  return `# Environment variables

<!-- Generated from the schemas of the processes by \`npm run docs\`. Do not edit. -->

Each process parses its variables once, when it starts, and exits with a message that names every
invalid one. An empty variable counts as unset, except CUDA_VISIBLE_DEVICES. \`npm start\` passes its
variables on to the API and the workers; a worker passes only an allow-list, without credentials, on
to its trainers.

Readers: \`api\`, \`worker\` and \`trainer\` are the processes of a service; \`engine\` is TensorFlow, in
a trainer and in local commands; \`start\` is \`npm start\`; \`migrate\` prepares the database; \`cli\`
is \`ablate\`.

## Read by several processes

${rows(all.filter(isShared))}

## Read by one process

${rows(all.filter((variable) => !isShared(variable)))}

## docker-compose.yml

${table(
  ['variable', 'default', 'description'],
  [
    [code('ABLATE_DATABASE_PASSWORD'), code('ablate'), 'Password of the database.'],
    [
      code('ABLATE_ALLOWED_HOSTS'),
      code('localhost'),
      'Further host names of the API, such as that of a proxy, separated by commas.',
    ],
    [code('ABLATE_DATASETS'), code('./data'), 'Folder of data sets, mounted read-only.'],
  ],
)}

## Tests and benches

${table(
  ['variable', 'description'],
  [
    [code('TEST_DATABASE_URL'), 'PostgreSQL server for the tests. Default: the tests start one.'],
    [code('TEST_REDIS_URL'), 'Redis server for the tests. Default: the tests start one.'],
  ],
)}

## Set-up

\`npm run setup\` takes options. It also reads \`REDIS_URL\` (set: no Redis server is installed), \`PATH\`,
\`CXX\` and \`CXXFLAGS\`.

\`\`\`
${HELP}
\`\`\`
`;
}
