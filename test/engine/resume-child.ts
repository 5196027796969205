/** Trains from one step to another in a process of its own: `resume-child.ts FROM TO IN OUT` (IN is - for a fresh start). */
import { readFileSync, writeFileSync } from 'node:fs';
import type { VariableValue } from '@ablate/engine';
import { decodeSafetensors, encodeSafetensors } from '@ablate/models';
import { openLearner } from './learner.ts';

const [from = '', to = '', input = '-', output = ''] = process.argv.slice(2);
const learner = openLearner('vit', 'adamw');

if (input !== '-') {
  const values = new Map<string, VariableValue>();
  for (const [name, { dtype, shape, data }] of decodeSafetensors(new Uint8Array(readFileSync(input))).tensors)
    if (dtype === 'F32' && data instanceof Float32Array) values.set(name, { dtype, shape, data });
  learner.write(values);
}
for (let step = Number(from); step < Number(to); step++) learner.train(step);

const state = new Map(
  [...learner.read()].flatMap(([name, { shape, data }]) =>
    data instanceof Float32Array ? [[name, { dtype: 'F32' as const, shape, data }] as const] : [],
  ),
);
writeFileSync(output, encodeSafetensors(state));
learner.dispose();
