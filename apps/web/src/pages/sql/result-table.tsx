import type { SqlAnswer } from '@ablate/contracts';
import { useState } from 'react';
import { plural } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import css from './sql-page.module.css';

const PAGE = 200;
const NUMBERS = /^(int|float|numeric|double|real|bigint|smallint)/;

const cellText = (value: unknown): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** The rows, a page at a time: search in the page, printing and screen readers work on what is shown. */
export function ResultTable({ answer }: { answer: SqlAnswer }) {
  const [shown, setShown] = useState(PAGE);
  const { columns, rows } = answer;
  return (
    <>
      <Scroll label="Rows" className={css.scroll}>
        <table className={css.table} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {columns.map(({ name, type }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                <th scope="col" key={i} title={type}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of SQL have no identity
              <tr key={i}>
                {row.map((value, j) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                    key={j}
                    data-null={value === null || undefined}
                    data-number={NUMBERS.test(columns[j]?.type ?? '') || undefined}
                  >
                    <bdi>{cellText(value)}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {rows.length > shown && (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          Show {plural(Math.min(PAGE, rows.length - shown), 'more row', 'more rows')}
        </button>
      )}
    </>
  );
}
