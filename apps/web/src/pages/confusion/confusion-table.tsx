import type { ConfusionView } from '@ablate/contracts';
import { useMemo, useState } from 'react';
import { count, percent, plural, points } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { SqlLink } from '../../parts/sql-link.tsx';
import css from './confusion-page.module.css';
import { sharesOf } from './shares.ts';

const FIRST = 10;
const MORE = 200;

/** The confusions that happen most, or in which two configs differ most, as rows: the matrix for readers who do not see it. */
export function ConfusionTable({
  view,
  sql,
  open,
}: {
  view: ConfusionView;
  sql: string;
  open: (cell: { label: number; predicted: number }) => void;
}) {
  const [shown, setShown] = useState(FIRST);
  const { cells, differs } = useMemo(() => sharesOf(view), [view]);
  const wrong = useMemo(
    () =>
      cells.filter(({ label, predicted }) => label !== predicted).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)),
    [cells],
  );
  const name = (index: number) => view.classes[index] ?? String(index);
  return (
    <section aria-labelledby="most">
      <h2 id="most">{differs ? 'Confusions that differ most' : 'Most frequent confusions'}</h2>
      <SqlLink of="confusions" sql={sql} />
      {wrong.length === 0 && <p>No class is taken for another.</p>}
      {wrong.length > 0 && (
        <Scroll label="Confusions" className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">true class</th>
                <th scope="col">taken for</th>
                <th scope="col">{differs ? 'points' : '% of the class'}</th>
                <th scope="col">{differs ? 'this / beside' : 'images'}</th>
                <th scope="col">
                  <span className="visually-hidden">images</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {wrong.slice(0, shown).map(({ label, predicted, n, value }) => (
                <tr key={`${label} ${predicted}`}>
                  <th scope="row">
                    <bdi>{name(label)}</bdi>
                  </th>
                  <td>
                    <bdi>{name(predicted)}</bdi>
                  </td>
                  <td data-number>{differs ? points(value) : percent(value)}</td>
                  <td data-number>{n.map(count).join(' / ')}</td>
                  <td>
                    <button type="button" onClick={() => open({ label, predicted })}>
                      Images
                      <span className="visually-hidden">
                        {' '}
                        of {name(label)} taken for {name(predicted)}
                      </span>
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {wrong.length > shown && (
        <button type="button" onClick={() => setShown(shown + MORE)}>
          Show {plural(Math.min(MORE, wrong.length - shown), 'more row')}
        </button>
      )}
    </section>
  );
}
