import type { ConfigComparison } from '@ablate/contracts';
import { brieflyLasting, compact } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { SeriesMark } from '../../plots/series-mark.tsx';
import { VerdictMark } from '../../plots/verdict-mark.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import { figuresOf } from '../sweep/figures.ts';
import { differenceScale, IntervalAxis, IntervalCell, shownInterval } from '../sweep/interval-plot.tsx';
import { rowExplained, rowWord, verdictOf } from '../sweep/verdict-words.ts';
import css from './compare-page.module.css';
import { looksOf } from './looks.ts';

type Row = ConfigComparison['rows'][number];

type Props = {
  comparison: ConfigComparison;
  /** The configs in a new order, or without one. */
  onChange: (configIds: string[]) => void;
};

const QUIET = new Set(['noise', 'no-noise-estimate', 'no-result']);

/** The configs in rows, the first of them the baseline. */
export function FiguresTable({ comparison, onChange }: Props) {
  const { rows } = comparison;
  const figures = figuresOf(comparison);
  const scale = differenceScale(comparison);
  const looks = looksOf(comparison);
  const [base] = rows;
  const several = new Set(rows.map(({ sweep }) => sweep.id)).size > 1;
  const without = (row: Row) => rows.flatMap(({ configId }) => (configId === row.configId ? [] : [configId]));
  const differenceOf = (row: Row) => {
    const interval = shownInterval(row);
    const of = row.comparison?.difference;
    if (of === null || of === undefined) return '';
    return `${figures.difference(of)}${interval ? ` ± ${figures.spread((interval.high - interval.low) / 2)}` : ''}`;
  };
  return (
    <Scroll label="Figures" className={css.scroll}>
      <table className={`${css.table} ${css.figures}`}>
        <caption className="visually-hidden">{`${figures.title} of each config, and its difference from the first`}</caption>
        <thead>
          <tr>
            <th scope="col">config</th>
            {several && <th scope="col">sweep</th>}
            <th scope="col">{figures.title}</th>
            <th scope="col">difference, {figures.unit}</th>
            <th scope="col">
              <span className="visually-hidden">difference as a plot</span>
              <IntervalAxis scale={scale} figures={figures} />
            </th>
            <th scope="col">verdict</th>
            <th scope="col">MACs</th>
            <th scope="col">time a run</th>
            <th scope="col">look at</th>
            <th scope="col">
              <span className="visually-hidden">change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => {
            const verdict = verdictOf(row);
            return (
              <tr
                key={row.configId}
                data-quiet={QUIET.has(verdict) || undefined}
                data-baseline={row.baseline || undefined}
              >
                <th scope="row">
                  <SeriesMark position={looks[i] ?? 0} />
                  <bdi>{row.name}</bdi>
                </th>
                {several && (
                  <td>
                    <Link className={css.sweep} href={to.sweep(row.sweep.id)} title={row.sweep.name}>
                      <bdi>{row.sweep.name}</bdi>
                    </Link>
                  </td>
                )}
                <td className={css.value}>
                  {row.mean === null
                    ? 'no result'
                    : `${figures.value(row.mean)}${row.sd === null ? '' : ` ± ${figures.spread(row.sd)}`} (${row.n})`}
                </td>
                <td className={css.value}>{differenceOf(row)}</td>
                <td className={css.plot}>
                  <IntervalCell row={row} base={base} scale={scale} figures={figures} />
                </td>
                <td className={`${css.value} ${css.verdict}`} title={rowExplained(row) ?? undefined}>
                  <VerdictMark verdict={verdict} word={rowWord(row)} />
                </td>
                <td className={`${css.value} ${css.cost}`}>{row.macs === null ? '–' : compact(row.macs)}</td>
                <td className={`${css.value} ${css.cost}`}>
                  {row.deviceSeconds === null ? '–' : brieflyLasting(row.deviceSeconds)}
                </td>
                <td className={css.value}>
                  {row.n > 0 && (
                    <>
                      <Link href={to.insideConfig(row.sweep.id, row.configId)}>inside</Link>{' '}
                      <Link
                        href={to.confusion(
                          row.baseline || !base
                            ? { config: row.configId }
                            : { config: row.configId, with: base.configId },
                        )}
                      >
                        confusion
                      </Link>
                    </>
                  )}
                </td>
                <td className={css.value}>
                  {!row.baseline && (
                    <button type="button" onClick={() => onChange([row.configId, ...without(row)])}>
                      Baseline<span className="visually-hidden">: {row.name}</span>
                    </button>
                  )}{' '}
                  {rows.length > 2 && (
                    <button type="button" onClick={() => onChange(without(row))}>
                      Remove<span className="visually-hidden"> {row.name}</span>
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
