import type { SqlAnswer } from '@ablate/contracts';
import { useMemo } from 'react';
import { plural } from '../../format/number.ts';
import { Scatter } from '../../plots/scatter.tsx';
import { useSearch } from '../../router/location.ts';
import css from './sql-page.module.css';

const numbersOf = ({ columns, rows }: SqlAnswer): string[] =>
  columns.flatMap(({ name }, i) => (rows.some((row) => typeof row[i] === 'number') ? [name] : []));

/** Most dots: the browser draws each. */
const LIMIT = 5000;

/** One number column over another: enough to see a shape. The address names the columns. */
export function QuickPlot({ answer }: { answer: SqlAnswer }) {
  const [search, change] = useSearch();
  const names = numbersOf(answer);
  const [x, y] = [search.get('x') ?? '', search.get('y') ?? ''];
  const points = useMemo(() => {
    const [at, of] = [x, y].map((name) => answer.columns.findIndex((column) => column.name === name));
    if (at === undefined || of === undefined || at < 0 || of < 0) return null;
    return answer.rows
      .flatMap((row) => {
        const [left, right] = [row[at], row[of]];
        return typeof left === 'number' && typeof right === 'number' ? [{ x: left, y: right }] : [];
      })
      .slice(0, LIMIT)
      .sort((a, b) => a.x - b.x);
  }, [answer, x, y]);
  if (names.length < 2) return null;
  const choice = (label: string, name: 'x' | 'y', value: string) => (
    <label>
      {label}{' '}
      <select
        value={names.includes(value) ? value : ''}
        onChange={({ target }) => change({ [name]: target.value }, { replace: true })}
      >
        <option value="">–</option>
        {names.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
  return (
    <div className={css.quick}>
      <div className={css.plotted}>
        {choice('Plot', 'y', y)} {choice('over', 'x', x)}
      </div>
      {points && points.length > 0 && <Scatter xLabel={x} yLabel={y} points={points} />}
      {points && points.length === LIMIT && <p>The first {plural(LIMIT, 'row')} are drawn.</p>}
    </div>
  );
}
