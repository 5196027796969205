/** Positional embeddings of a grid of patches, row by row, with one more position in front if there is a class token. */
import type { Positional } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { fixed, normal } from './initial.ts';
import type { Ops } from './ops.ts';
import type { Scope } from './scope.ts';

type Grid = { rows: number; columns: number };
type Layout = Grid & { width: number; cls: boolean };

/** The table that is added to the tokens: (1, T, D), or null for none. */
export type PositionTable = (ops: Ops) => tf.Tensor | null;

/** Vaswani et al. 2017, 3.5: angle t / 10000^(2i/D), sine in even and cosine in odd channels; the class token is position 0. (T, D). */
function sinusoidal1d(tokens: number, width: number): Float32Array {
  const table = new Float32Array(tokens * width);
  for (let t = 0; t < tokens; t++)
    for (let channel = 0; channel < width; channel++) {
      const angle = t / 10_000 ** ((channel - (channel % 2)) / width);
      table[t * width + channel] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  return table;
}

/** timm's `build_sincos2d_pos_embed`: quarters sin y, sin x, cos y, cos x with frequencies 10000^(-4i/D). (rows·columns, D). */
function sinusoidal2d({ rows, columns }: Grid, width: number): Float32Array {
  const quarter = width / 4;
  const table = new Float32Array(rows * columns * width);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let i = 0; i < quarter; i++) {
        const frequency = 10_000 ** (-i / quarter);
        const values = [
          Math.sin(y * frequency),
          Math.sin(x * frequency),
          Math.cos(y * frequency),
          Math.cos(x * frequency),
        ];
        for (const [part, value] of values.entries()) table[(y * columns + x) * width + part * quarter + i] = value;
      }
  return table;
}

const tokens = ({ rows, columns, cls }: Layout): number => rows * columns + (cls ? 1 : 0);

/** The experiment axis: how a table is declared and read. */
const tables: Record<Positional, (s: Scope, layout: Layout) => PositionTable> = {
  none: () => () => null,

  learned1d: (s, layout) => {
    const table = s.parameter('pos_embed', [1, tokens(layout), layout.width], normal(0.02));
    return () => table();
  },

  /** Row r, column c: the row's vector in the first half of the channels, the column's in the second. */
  learned2d: (s, { rows, columns, width, cls }) => {
    const half = width / 2;
    const row = s.parameter('pos_embed_row', [rows, half], normal(0.02));
    const column = s.parameter('pos_embed_column', [columns, half], normal(0.02));
    const first = cls ? s.parameter('pos_embed_cls', [width], normal(0.02)) : null;
    return ({ tf }) => {
      const spread = tf.zeros([rows, columns, half]);
      const patches = tf
        .concat([spread.add(row().reshape([rows, 1, half])), spread.add(column())], 2)
        .reshape([1, rows * columns, width]);
      return first ? tf.concat([first().reshape([1, 1, width]), patches], 1) : patches;
    };
  },

  sinusoidal1d: (s, layout) => {
    const values = fixed(sinusoidal1d(tokens(layout), layout.width));
    const table = s.buffer('pos_embed', [1, tokens(layout), layout.width], values);
    return () => table();
  },

  /** The class token gets zeros. */
  sinusoidal2d: (s, layout) => {
    const { width, cls } = layout;
    const values = new Float32Array(tokens(layout) * width);
    values.set(sinusoidal2d(layout, width), cls ? width : 0);
    const table = s.buffer('pos_embed', [1, tokens(layout), width], fixed(values));
    return () => table();
  },
};

/** Declare the positions of a grid. learned2d needs an even width, sinusoidal2d one that 4 divides. */
export const positions = (s: Scope, kind: Positional, layout: Layout): PositionTable => tables[kind](s, layout);
