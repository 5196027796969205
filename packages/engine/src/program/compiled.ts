/** A program whose functions run as graphs: one session for each function and shape of its inputs. */
import { inBfloat16 } from '../graph/bfloat16.ts';
import { CannotRecord } from '../graph/cannot-record.ts';
import { isKnownGraph, rememberGraph } from '../graph/known-graphs.ts';
import { encodeSavedModel } from '../graph/saved-model.ts';
import { openSession } from '../graph/session.ts';
import { checkSameTrace, type InputSignature, trace } from '../graph/trace.ts';
import { backend, DT, type TypedArray } from '../tensorflow/backend.ts';
import { eagerProgram } from './eager.ts';
import { keepSessions, takeSessions } from './kept.ts';
import type { Program, ProgramOptions, StepFunction } from './program.ts';
import { type Loaded, residence } from './residence.ts';
import { checkInput, type InputValue } from './values.ts';

// Enough for full and last batches of training, of evaluation and of one more function.
const SESSIONS = 6;

const signatureOf = (inputs: Record<string, InputValue>): InputSignature =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

function runLoaded({ trace, session }: Loaded, inputs: Record<string, InputValue>): Record<string, TypedArray> {
  const feeds = Object.entries(inputs).map(([key, { shape, dtype, data }]): [string, number] => [
    trace.inputs.get(key) ?? key,
    backend.binding.createTensor(shape, DT[dtype], data),
  ]);
  try {
    const handles = session.run(feeds, [...trace.outputs.values()]);
    const keys = [...trace.outputs.keys()];
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

/** Run each function as one graph. If one cannot be recorded, all run op by op from then on, and `notes` has the reason. */
export function compiledProgram(options: ProgramOptions): Program {
  const { variables, functions, precision, shared } = options;
  const notes: string[] = [];
  let cache = takeSessions(shared);
  const values = residence(variables);
  let fallback: Program | null = null;

  function close(key: string, loaded: Loaded): void {
    values.leave(loaded);
    loaded.session.close();
    cache.delete(key);
  }

  /** Record a step twice, since what JavaScript draws or counts would be frozen into the graph; once if an earlier process did. */
  function load(key: string, step: StepFunction, signature: InputSignature): Loaded {
    const traced = trace(variables, step, signature);
    const recorded = encodeSavedModel(traced.graph);
    const name = shared === undefined ? null : `${shared} ${key}`;
    if (name === null || !isKnownGraph(name, recorded)) {
      checkSameTrace(traced, trace(variables, step, signature));
      if (name !== null) rememberGraph(name, recorded);
    }
    const graph = precision === 'bf16' ? encodeSavedModel(inBfloat16(traced.graph)) : recorded;
    return { trace: traced, session: openSession(graph), versions: new Map() };
  }

  function loadedFor(name: string, step: StepFunction, inputs: Record<string, InputValue>): Loaded {
    const signature = signatureOf(inputs);
    const key = `${name} ${JSON.stringify(signature)}`;
    const loaded = cache.get(key) ?? load(key, step, signature);
    cache.delete(key);
    cache.set(key, loaded);
    const [oldest] = cache;
    if (cache.size > SESSIONS && oldest) close(...oldest);
    return loaded;
  }

  function runEagerly(name: string, why: string): Program {
    for (const [key, loaded] of [...cache]) close(key, loaded);
    const eager = eagerProgram(options);
    notes.push(`"${name}" runs op by op, because it cannot be compiled: ${why}`, ...eager.notes);
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
        const loaded = loadedFor(name, step, inputs);
        values.bringUpToDate(loaded);
        const outputs = runLoaded(loaded, inputs);
        values.ran(loaded);
        return outputs;
      } catch (error) {
        if (!(error instanceof CannotRecord)) throw error;
        fallback = runEagerly(name, error.message);
        return fallback.run(name, inputs);
      }
    },
    read: values.read,
    write: values.write,
    dispose() {
      if (shared === undefined || cache.size === 0) {
        for (const [key, loaded] of [...cache]) close(key, loaded);
        return;
      }
      for (const loaded of cache.values()) values.leave(loaded);
      keepSessions(shared, cache);
      cache = new Map();
    },
  };
}
