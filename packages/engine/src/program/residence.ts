/** Tracks where the newest value of each variable is, in a session or in the tf.Variable, and moves values between them. */
import type { Session } from '../graph/session.ts';
import type { Trace } from '../graph/trace.ts';
import { backend, DT } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';
import { checkVariableValue, readVariables, type VariableValue, writeVariables } from './values.ts';

/** A loaded trace; `versions` is the version of each variable's value in its session. */
export type Loaded = { trace: Trace; session: Session; versions: Map<string, number> };

export type Residence = {
  /** Give a session the newest values of the variables that it uses. */
  bringUpToDate(loaded: Loaded): void;
  /** Note that a session has run: it now holds the newest values of the variables that it assigns. */
  ran(loaded: Loaded): void;
  /** Move the values that are newest in a session back into the tf.Variables, before the session closes. */
  leave(loaded: Loaded): void;
  read(): Map<string, VariableValue>;
  /** Throws, and changes nothing, if a name or a value does not match. */
  write(values: Map<string, VariableValue>): void;
};

type Home = { version: number; loaded: Loaded | null };

/** Free a variable's own copy. Its value is in a session; reading the tf.Variable fails until `leave` or `write`. */
function release(variable: tf.Variable): void {
  const { shape, dtype } = variable;
  const handle = { id: -1, shape, dtype: dtype === 'int32' ? DT.int32 : DT.float32 };
  tf.tidy(() => variable.assign(backend.createOutputTensor(handle)));
}

const nodeIn = ({ trace }: Loaded, name: string): string => {
  const found = trace.variables.find((entry) => entry.name === name);
  if (!found) throw new Error(`a session does not hold variable "${name}"`);
  return found.node;
};

const fetch = (from: Loaded, names: string[]) =>
  from.session.run(
    [],
    names.map((name) => `${nodeIn(from, name)}/value`),
  );

/** Start with every value in its tf.Variable. */
export function residence(variables: Map<string, tf.Variable>): Residence {
  const homes = new Map<string, Home>([...variables.keys()].map((name) => [name, { version: 0, loaded: null }]));
  const known = <T>(map: Map<string, T>, name: string): T => {
    const found = map.get(name);
    if (!found) throw new Error(`the program has no variable "${name}"`);
    return found;
  };
  const home = (name: string) => known(homes, name);
  const variable = (name: string) => known(variables, name);

  function byHome(names: string[]): Map<Loaded | null, string[]> {
    const groups = new Map<Loaded | null, string[]>();
    for (const name of names) {
      const { loaded } = home(name);
      groups.set(loaded, [...(groups.get(loaded) ?? []), name]);
    }
    return groups;
  }

  function fill(to: Loaded, names: string[], ids: number[]): void {
    const done = to.session.run(
      names.map((name, index) => [`${nodeIn(to, name)}/init_value`, ids[index] ?? -1]),
      names.map((name) => `${nodeIn(to, name)}/init`),
    );
    for (const { id } of done) backend.binding.deleteTensor(id);
    for (const name of names) to.versions.set(name, home(name).version);
  }

  return {
    bringUpToDate(to) {
      const stale = to.trace.variables.map(({ name }) => name).filter((n) => to.versions.get(n) !== home(n).version);
      for (const [from, names] of byHome(stale)) {
        const handles = from ? fetch(from, names).map(({ id }) => id) : [];
        fill(to, names, from ? handles : backend.getInputTensorIds(names.map(variable)));
        for (const id of handles) backend.binding.deleteTensor(id);
      }
    },
    ran(loaded) {
      for (const { name, assigned } of loaded.trace.variables) {
        if (!assigned) continue;
        const own = home(name);
        if (!own.loaded) release(variable(name));
        own.version++;
        own.loaded = loaded;
        loaded.versions.set(name, own.version);
      }
    },
    leave(loaded) {
      const names = [...homes].filter(([, own]) => own.loaded === loaded).map(([name]) => name);
      if (names.length === 0) return;
      const handles = fetch(loaded, names);
      tf.tidy(() => {
        for (const [index, name] of names.entries()) {
          const handle = handles[index];
          if (!handle) throw new Error(`the session returned no value for variable "${name}"`);
          variable(name).assign(backend.createOutputTensor(handle));
          home(name).loaded = null;
        }
      });
    },
    read() {
      const values = new Map<string, VariableValue>();
      for (const [from, names] of byHome([...variables.keys()])) {
        if (!from) {
          const own = readVariables(new Map(names.map((name) => [name, variable(name)])));
          for (const [name, value] of own) values.set(name, value);
          continue;
        }
        for (const [index, { id }] of fetch(from, names).entries()) {
          const name = names[index] ?? '';
          const { shape, dtype } = variable(name);
          const data = backend.binding.tensorDataSync(id);
          backend.binding.deleteTensor(id);
          values.set(name, { dtype: dtype === 'int32' ? 'I32' : 'F32', shape, data });
        }
      }
      return new Map([...variables.keys()].map((name) => [name, known(values, name)]));
    },
    write(values) {
      for (const [name, value] of values) checkVariableValue(name, variable(name), value);
      writeVariables(variables, values);
      for (const name of values.keys()) {
        const own = home(name);
        own.version++;
        own.loaded = null;
      }
    },
  };
}
