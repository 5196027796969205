import css from './sql-page.module.css';

/** What the reader wrote for each parameter. */
export type Values = Readonly<Record<string, string>>;

/** Comments, quoted text and casts, in which `:name` is no parameter. */
const QUOTED = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"|::/g;

/** The names of `:name` in a statement, each once. */
export const parametersOf = (statement: string): string[] => [
  ...new Set(Array.from(statement.replace(QUOTED, ' ').matchAll(/:([a-z_][a-z0-9_]*)/gi), ([, name = '']) => name)),
];

/** A number or a truth value if it looks like one; nothing is null. */
export function readValue(text: string): string | number | boolean | null {
  if (text === '') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

type Props = { names: readonly string[]; values: Values; onChange: (name: string, value: string) => void };

export function Parameters({ names, values, onChange }: Props) {
  if (names.length === 0) return null;
  return (
    <fieldset className={css.parameters}>
      <legend>Parameters</legend>
      {names.map((name) => (
        <label key={name}>
          :{name} <input value={values[name] ?? ''} onChange={({ target }) => onChange(name, target.value)} />
        </label>
      ))}
    </fieldset>
  );
}
