/** What a reader can take from a panel: its picture, its numbers, the statement behind them, its address. */
import type { Table } from '@ablate/tables';
import { useState } from 'react';
import { Link } from '../router/link.tsx';
import { to } from '../router/routes.ts';
import { savePng, saveText } from './download.ts';
import css from './exports.module.css';

type Tables = typeof import('../data/tables.ts')['TABLES'];

export type ExportsProps = {
  /** Base name of the files. */
  file: string;
  /** The picture as SVG; undefined while there is none. */
  picture?: () => Promise<string | undefined>;
  /** The numbers, made by `tables`, which is loaded for it. */
  table?: (tables: Tables) => Table;
  /** The statement that gives the same numbers. */
  sql?: string;
  /** The id of the panel: a link to it is part of its address. */
  anchor: string;
};

type Format = keyof typeof import('../data/tables.ts')['FORMATS'];

async function saveTable(name: string, format: Format, table: (tables: Tables) => Table): Promise<void> {
  const { TABLES, FORMATS } = await import('../data/tables.ts');
  const { ending, type, format: write } = FORMATS[format];
  saveText(`${name}.${ending}`, `${write(table(TABLES))}\n`, type);
}

/** A link to the panel. Followed, it also copies its whole address. */
function Anchor({ id }: { id: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    const address = `${window.location.href.replace(/#.*/, '')}#${id}`;
    // Only pages of a secure origin may write the clipboard: elsewhere the address bar has the link.
    navigator.clipboard?.writeText(address).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <a href={`#${id}`} onClick={copy} onBlur={() => setCopied(false)}>
      {copied ? 'Link copied' : 'Link'}
    </a>
  );
}

export function Exports({ file, picture, table, sql, anchor }: ExportsProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = (act: () => Promise<void>) => () => {
    setProblem(null);
    act().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  const draw = (use: (svg: string) => Promise<void> | void) =>
    attempt(async () => {
      const svg = await picture?.();
      if (svg) await use(svg);
    });
  return (
    <div className={css.exports}>
      {picture && (
        <>
          <button type="button" onClick={draw((svg) => saveText(`${file}.svg`, svg, 'image/svg+xml'))}>
            SVG
          </button>
          <button type="button" onClick={draw((svg) => savePng(`${file}.png`, svg))}>
            PNG
          </button>
        </>
      )}
      {table &&
        (['CSV', 'Markdown', 'LaTeX'] as const).map((format) => (
          <button key={format} type="button" onClick={attempt(() => saveTable(file, format, table))}>
            {format}
          </button>
        ))}
      {sql && <Link href={to.sql(sql)}>SQL for this</Link>}
      <Anchor id={anchor} />
      {problem && (
        <span className={css.problem} role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
