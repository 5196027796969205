import type { SqlAnswer } from '@ablate/contracts';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Loading } from '../../parts/states.tsx';
import css from './sql-page.module.css';

const Curves = lazy(async () => ({ default: (await import('../../plots/curves.tsx')).Curves }));

const numbersOf = ({ columns, rows }: SqlAnswer): string[] =>
  columns.flatMap(({ name }, i) => (rows.some((row) => typeof row[i] === 'number') ? [name] : []));

const LIMIT = 5000;

/** One number column over another: enough to see a shape. */
export function QuickPlot({ answer }: { answer: SqlAnswer }) {
  const names = numbersOf(answer);
  const [x, setX] = useState('');
  const [y, setY] = useState('');
  const curves = useMemo(() => {
    const [at, of] = [x, y].map((name) => answer.columns.findIndex((column) => column.name === name));
    if (at === undefined || of === undefined || at < 0 || of < 0) return null;
    const points = answer.rows.slice(0, LIMIT).flatMap((row) => {
      const [left, right] = [row[at], row[of]];
      return typeof left === 'number' && typeof right === 'number' ? [{ x: left, y: right }] : [];
    });
    return [{ name: y, color: 'var(--series-0)', points: points.sort((a, b) => a.x - b.x) }];
  }, [answer, x, y]);
  if (names.length < 2) return null;
  const choice = (label: string, value: string, set: (name: string) => void) => (
    <label>
      {label}{' '}
      <select value={value} onChange={({ target }) => set(target.value)}>
        <option value="">–</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
  return (
    <div className={css.quick}>
      <div className={css.head}>
        {choice('Plot', y, setY)} {choice('over', x, setX)}
      </div>
      {curves && (
        <Suspense fallback={<Loading what="the plot" />}>
          <Curves
            title={`${y} over ${x}`}
            xLabel={x}
            yLabel={y}
            curves={curves}
            format={(value) => value.toPrecision(4)}
          />
        </Suspense>
      )}
    </div>
  );
}
