import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineVariables } from '@ablate/engine/env';
import { MigrateVariables, StartVariables } from '@ablate/supervisor';
import { TrainerVariables } from '@ablate/training/env';
import { z } from 'zod';
import { ApiVariables } from '../../apps/api/src/env.ts';
import { CliVariables } from '../../apps/cli/src/env.ts';
import { WorkerVariables } from '../../apps/worker/src/env.ts';

const PROCESSES: Record<string, z.ZodObject> = {
  start: StartVariables,
  migrate: MigrateVariables,
  api: ApiVariables,
  worker: WorkerVariables,
  trainer: TrainerVariables,
  engine: EngineVariables,
  cli: CliVariables,
};

const descriptions = new Map<string, string>();
for (const [name, variables] of Object.entries(PROCESSES))
  test(`${name}: every variable has a description, the same as in other processes`, () => {
    const { properties = {} } = z.toJSONSchema(variables, { io: 'input', unrepresentable: 'any' });
    assert.deepEqual(Object.keys(properties), Object.keys(variables.shape));
    for (const [variable, schema] of Object.entries(properties)) {
      const description = typeof schema === 'object' ? schema.description : undefined;
      assert.ok(description, variable);
      assert.equal(descriptions.get(variable) ?? description, description, variable);
      descriptions.set(variable, description);
    }
  });
