/** A program whose functions run as graphs: one session for each function and shape of its inputs, the variables' newest values in one of them. */

import { inBfloat16 } from '../graph/bfloat16.ts';
import { CannotRecord } from '../graph/errors.ts';
import { encodeSavedModel } from '../graph/saved-model.ts';
import { openSession, type Session } from '../graph/session.ts';
import { type InputSignature, type Trace, trace } from '../graph/trace.ts';
import { backend, DT, type TypedArray } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';
import { eagerProgram, readVariables, writeVariables } from './eager.ts';
import type { Program, ProgramOptions, StepFunction } from './program.ts';
import { checkInput, checkVariableValue, type InputValue, type VariableValue } from './values.ts';

// Enough for a whole and a last batch of training, of evaluation and of one more function.
const SESSIONS = 6;

/** A function that was compiled for inputs of one shape. `versions` says which value of each variable its session holds. */
type Compiled = { key: string; trace: Trace; session: Session; versions: Map<string, number> };

/** Where a variable's newest value is: in a session, or (null) in the tf.Variable itself. */
type Home = { version: number; session: Compiled | null };

const signatureOf = (inputs: Record<string, InputValue>): InputSignature =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Record twice: what JavaScript draws or counts differs between the two, and would be frozen into the graph. */
function traceTwice(variables: Map<string, tf.Variable>, step: StepFunction, signature: InputSignature): Trace {
  const once = trace(variables, step, signature);
  const again = trace(variables, step, signature);
  if (once.graph.nodes.length === again.graph.nodes.length)
    for (const [index, node] of once.graph.nodes.entries()) {
      const other = again.graph.nodes[index];
      if (
        !other ||
        !sameBytes(
          encodeSavedModel({ nodes: [node], functions: [] }),
          encodeSavedModel({ nodes: [other], functions: [] }),
        )
      )
        throw new CannotRecord(
          `a node of op "${node.op}" differs each time the step is recorded: it depends on something random or counted in JavaScript`,
        );
    }
  else throw new CannotRecord('the step runs other ops each time that it is recorded');
  return once;
}

/** Free a variable's own copy: its value lives in a session now, and reading it here fails until it is handed back. */
function leave(variable: tf.Variable): void {
  const { shape, dtype } = variable;
  tf.tidy(() =>
    variable.assign(backend.createOutputTensor({ id: -1, shape, dtype: dtype === 'int32' ? DT.int32 : DT.float32 })),
  );
}

export function compiledProgram(options: ProgramOptions): Program {
  const { variables, functions, precision } = options;
  const notes: string[] = [];
  const cache = new Map<string, Compiled>();
  const homes = new Map<string, Home>([...variables.keys()].map((name) => [name, { version: 0, session: null }]));
  let fallback: Program | null = null;

  const home = (name: string): Home => {
    const found = homes.get(name);
    if (!found) throw new Error(`the program has no variable "${name}"`);
    return found;
  };
  const nodeIn = (compiled: Compiled, name: string): string => {
    const found = compiled.trace.variables.find((entry) => entry.name === name);
    if (!found) throw new Error(`a session does not hold variable "${name}"`);
    return found.node;
  };

  /** Run `use` with handles of the newest values of the variables that `from` holds. */
  function fetchFrom<T>(from: Compiled, names: string[], use: (handles: { name: string; id: number }[]) => T): T {
    const handles = from.session.run(
      [],
      names.map((name) => `${nodeIn(from, name)}/value`),
    );
    try {
      return use(handles.map(({ id }, index) => ({ name: names[index] ?? '', id })));
    } finally {
      for (const { id } of handles) backend.binding.deleteTensor(id);
    }
  }

  const bySession = (names: string[]): Map<Compiled | null, string[]> => {
    const groups = new Map<Compiled | null, string[]>();
    for (const name of names) {
      const { session } = home(name);
      groups.set(session, [...(groups.get(session) ?? []), name]);
    }
    return groups;
  };

  function fill(to: Compiled, values: { name: string; id: number }[]): void {
    if (values.length === 0) return;
    const done = to.session.run(
      values.map(({ name, id }) => [`${nodeIn(to, name)}/init_value`, id]),
      values.map(({ name }) => `${nodeIn(to, name)}/init`),
    );
    for (const { id } of done) backend.binding.deleteTensor(id);
    for (const { name } of values) to.versions.set(name, home(name).version);
  }

  /** Give a session the newest values of the variables that it uses. */
  function bringUpToDate(compiled: Compiled): void {
    const stale = compiled.trace.variables
      .map(({ name }) => name)
      .filter((name) => compiled.versions.get(name) !== home(name).version);
    for (const [from, names] of bySession(stale)) {
      if (from) fetchFrom(from, names, (values) => fill(compiled, values));
      else
        fill(
          compiled,
          names.map((name) => ({ name, id: idOf(name) })),
        );
    }
  }

  const variable = (name: string): tf.Variable => {
    const found = variables.get(name);
    if (!found) throw new Error(`the program has no variable "${name}"`);
    return found;
  };
  const idOf = (name: string): number => backend.getInputTensorIds([variable(name)])[0] ?? -1;

  /** Move the newest values of the named variables from sessions back into the tf.Variables. */
  function handBack(names: string[]): void {
    for (const [from, group] of bySession(names)) {
      if (!from) continue;
      const handles = from.session.run(
        [],
        group.map((name) => `${nodeIn(from, name)}/value`),
      );
      tf.tidy(() => {
        handles.forEach((handle, index) => {
          const name = group[index] ?? '';
          variable(name).assign(backend.createOutputTensor(handle));
          home(name).session = null;
        });
      });
    }
  }

  function close(compiled: Compiled): void {
    handBack([...homes].filter(([, { session }]) => session === compiled).map(([name]) => name));
    compiled.session.close();
    cache.delete(compiled.key);
  }

  function compiledFor(name: string, step: StepFunction, inputs: Record<string, InputValue>): Compiled {
    const signature = signatureOf(inputs);
    const key = `${name} ${JSON.stringify(signature)}`;
    const found = cache.get(key);
    if (found) {
      cache.delete(key);
      cache.set(key, found);
      return found;
    }
    const traced = traceTwice(variables, step, signature);
    const compiled = {
      key,
      trace: traced,
      session: openSession(precision === 'bf16' ? inBfloat16(traced.graph) : traced.graph),
      versions: new Map(),
    };
    cache.set(key, compiled);
    const oldest = cache.values().next().value;
    if (cache.size > SESSIONS && oldest) close(oldest);
    return compiled;
  }

  function runCompiled(compiled: Compiled, inputs: Record<string, InputValue>): Record<string, TypedArray> {
    bringUpToDate(compiled);
    const feeds = Object.entries(inputs).map(([key, { shape, dtype, data }]): [string, number] => [
      compiled.trace.inputs.get(key) ?? key,
      backend.binding.createTensor(shape, DT[dtype], data),
    ]);
    const keys = [...compiled.trace.outputs.keys()];
    try {
      const handles = compiled.session.run(feeds, [...compiled.trace.outputs.values()]);
      for (const { name, assigned } of compiled.trace.variables) {
        if (!assigned) continue;
        const own = home(name);
        if (!own.session) leave(variable(name));
        own.version++;
        own.session = compiled;
        compiled.versions.set(name, own.version);
      }
      return Object.fromEntries(
        handles.map(({ id }, index) => {
          const data = backend.binding.tensorDataSync(id);
          backend.binding.deleteTensor(id);
          return [keys[index] ?? '', data];
        }),
      );
    } finally {
      for (const [, id] of feeds) backend.binding.deleteTensor(id);
    }
  }

  /** Go on op by op, and say why. */
  function runEagerly(name: string, error: CannotRecord): Program {
    for (const compiled of [...cache.values()]) close(compiled);
    notes.push(`"${name}" runs op by op, as it cannot be compiled: ${error.message}`);
    const eager = eagerProgram(options);
    notes.push(...eager.notes);
    return eager;
  }

  return {
    get compiled() {
      return fallback === null;
    },
    notes,
    run(name, inputs) {
      if (fallback) return fallback.run(name, inputs);
      const step = functions[name];
      if (!step) throw new Error(`the program has no function "${name}", only ${Object.keys(functions).join(', ')}`);
      for (const [key, value] of Object.entries(inputs)) checkInput(key, value);
      try {
        return runCompiled(compiledFor(name, step, inputs), inputs);
      } catch (error) {
        if (!(error instanceof CannotRecord)) throw error;
        fallback = runEagerly(name, error);
        return fallback.run(name, inputs);
      }
    },
    read() {
      const values = new Map<string, VariableValue>();
      for (const [from, names] of bySession([...variables.keys()])) {
        if (!from) {
          for (const [name, value] of readVariables(new Map(names.map((name) => [name, variable(name)]))))
            values.set(name, value);
          continue;
        }
        fetchFrom(from, names, (handles) => {
          for (const { name, id } of handles) {
            const { shape, dtype } = variable(name);
            values.set(name, {
              dtype: dtype === 'int32' ? 'I32' : 'F32',
              shape,
              data: backend.binding.tensorDataSync(id),
            });
          }
        });
      }
      return new Map(
        [...variables.keys()].flatMap((name) => {
          const value = values.get(name);
          return value ? [[name, value] as const] : [];
        }),
      );
    },
    write(values) {
      for (const [name, value] of values) checkVariableValue(name, variable(name), value);
      writeVariables(variables, values);
      for (const name of values.keys()) {
        const own = home(name);
        own.version++;
        own.session = null;
      }
    },
    dispose() {
      for (const compiled of [...cache.values()]) close(compiled);
    },
  };
}
