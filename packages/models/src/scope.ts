/** A scope in which an architecture declares its parameters. Declaring makes no tensor: values are bound later, or never (counting). */
import type { tf } from '@ablate/engine';
import type { Initial } from './initial.ts';

/** A declared parameter, read in a forward pass. Throws if no value is bound. */
export type Parameter = () => tf.Variable;

export type Declaration = { shape: number[]; trainable: boolean; initial: Initial };

export type Scope = {
  /** Path of this scope, without a trailing dot. */
  path: string;
  /** A part of this scope: `at('blocks', 0, 'attn')`. */
  at: (...names: (string | number)[]) => Scope;
  /** A trained parameter. */
  parameter: (name: string, shape: number[], initial: Initial) => Parameter;
  /** A value that is saved with the parameters but not trained: running statistics, fixed tables. */
  buffer: (name: string, shape: number[], initial: Initial) => Parameter;
};

export type Declarations = {
  scope: Scope;
  /** In the order of declaration. */
  declared: ReadonlyMap<string, Declaration>;
  bind: (name: string, variable: tf.Variable) => void;
};

/** An empty scope, and the declarations made in it. */
export function openScope(): Declarations {
  const declared = new Map<string, Declaration>();
  const bound = new Map<string, tf.Variable>();

  const declare = (name: string, declaration: Declaration): Parameter => {
    if (declared.has(name)) throw new Error(`parameter ${name} is declared twice`);
    declared.set(name, declaration);
    return () => {
      const variable = bound.get(name);
      if (!variable) throw new Error(`parameter ${name} has no value`);
      return variable;
    };
  };

  const open = (path: string): Scope => {
    const join = (...names: (string | number)[]): string => [...(path ? [path] : []), ...names].join('.');
    return {
      path,
      at: (...names) => open(join(...names)),
      parameter: (name, shape, initial) => declare(join(name), { shape, trainable: true, initial }),
      buffer: (name, shape, initial) => declare(join(name), { shape, trainable: false, initial }),
    };
  };

  return { scope: open(''), declared, bind: (name, variable) => bound.set(name, variable) };
}
