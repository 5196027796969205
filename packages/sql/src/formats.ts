/** An answer as JSON values, CSV or Parquet. */
import { formatCsv } from '@ablate/tables';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import pg from 'pg';
import type { Answer } from './run-statement.ts';

const NAMES = new Map(Object.entries(pg.types.builtins).map(([name, oid]) => [Number(oid), name.toLowerCase()]));

/** PostgreSQL's name of a type, such as `float8`; `text` for a type of which this does not know the name. */
export const typeName = (type: number): string => NAMES.get(type) ?? 'text';

const { BOOL, INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC, JSON: JSON_TEXT, JSONB } = pg.types.builtins;
const NUMBERS = new Set<number>([INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC]);

/** A value for JSON. Numbers that JavaScript cannot represent exactly, and all other types, stay text. */
function toJson(value: string | null, type: number): unknown {
  if (value === null) return null;
  if (type === BOOL) return value === 't';
  if (type === JSON_TEXT || type === JSONB) return JSON.parse(value);
  const number = Number(value);
  const exact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return NUMBERS.has(type) && exact ? number : value;
}

/** The rows as lists of JSON values. */
export const toJsonRows = ({ columns, rows }: Answer): unknown[][] =>
  rows.map((row) => row.map((value, i) => toJson(value, columns[i]?.type ?? 0)));

/** One object per row. Of columns with the same name, the last is kept. */
export const toObjects = ({ columns, rows }: Answer): Record<string, unknown>[] =>
  rows.map((row) => Object.fromEntries(columns.map(({ name, type }, i) => [name, toJson(row[i] ?? null, type)])));

/** The names of the columns and the rows, for `formatCsv`. */
export const toCsv = ({ columns, rows }: Answer): string =>
  formatCsv(
    columns.map(({ name }) => name),
    rows,
  );

type Column = { type: BasicType; read: (value: string) => unknown };

const TEXT: Column = { type: 'STRING', read: (value) => value };
const DOUBLE: Column = { type: 'DOUBLE', read: Number };
const INTEGER: Column = { type: 'INT32', read: Number };
const COLUMNS = new Map<number, Column>([
  [BOOL, { type: 'BOOLEAN', read: (value) => value === 't' }],
  [INT2, INTEGER],
  [INT4, INTEGER],
  [INT8, { type: 'INT64', read: BigInt }],
  [FLOAT4, DOUBLE],
  [FLOAT8, DOUBLE],
  [NUMERIC, DOUBLE],
]);

/** Each name once: a repeated one gets a number. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}

/** A Parquet file. `numeric` becomes double; types that Parquet lacks become text. */
export function toParquet({ columns, rows }: Answer): Uint8Array {
  const names = distinctNames(columns.map(({ name }) => name));
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map((column, i) => {
        const { type, read } = COLUMNS.get(column.type) ?? TEXT;
        const data = rows.map((row) => {
          const value = row[i] ?? null;
          return value === null ? null : read(value);
        });
        return { name: names[i] ?? '', data, type, nullable: true };
      }),
    }),
  );
}
