import { axisTexts } from '@ablate/answers';
import type { Answer, AnswerRow } from '@ablate/contracts';
import type { ReactNode } from 'react';
import { axisName, brieflyLasting, compact, pValue } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { SeriesMark } from '../../plots/series-mark.tsx';
import { VerdictMark } from '../../plots/verdict-mark.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import type { Sort } from './answer-rows.ts';
import css from './answer-table.module.css';
import { type Figures, figuresOf } from './figures.ts';
import { differenceScale, IntervalAxis, IntervalCell, shownInterval } from './interval-plot.tsx';
import { rowExplained, rowWord, verdictOf } from './verdict-words.ts';

/** Verdicts that do not stand out: their rows are grey. */
const QUIET = new Set(['noise', 'no-noise-estimate', 'no-result']);

function Difference({ row, figures }: { row: AnswerRow; figures: Figures }) {
  const { comparison } = row;
  if (row.baseline || comparison?.difference === null || comparison?.difference === undefined) return null;
  const interval = shownInterval(row);
  const half = interval ? (interval.high - interval.low) / 2 : null;
  return (
    <>
      {figures.difference(comparison.difference)}
      {half !== null && <span className={css.half}> ± {figures.spread(half)}</span>}
    </>
  );
}

function detail(row: AnswerRow, figures: Figures): string | undefined {
  const { comparison } = row;
  if (!comparison) return undefined;
  const parts = [
    rowExplained(row),
    comparison.pooled?.adjusted !== null && comparison.pooled?.adjusted !== undefined
      ? `${pValue(comparison.pooled.adjusted)} corrected by Holm, ${comparison.pooled.p < 0.001 ? 'p < 0.001' : comparison.pooled.p.toPrecision(2)} alone`
      : null,
    comparison.pairs.used < comparison.pairs.of
      ? `${comparison.pairs.used} of ${comparison.pairs.of} pairs of seeds`
      : null,
    comparison.detectable !== null
      ? `${figures.spread(comparison.detectable)} ${figures.unit} or more would show with these seeds`
      : null,
    comparison.standsOut ? 'its spread stands out: judged by its own seeds' : null,
    comparison.implausible !== null
      ? `implausibly small spread (probability ${comparison.implausible.toPrecision(1)}): the seeds agree more than the test images allow`
      : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join('; ') : undefined;
}

/** Its confusion, as the difference from that of the baseline where there is one. */
const confused = (row: AnswerRow, base: AnswerRow | undefined) =>
  base === undefined || base === row || base.n === 0
    ? { config: row.configId }
    : { config: row.configId, with: base.configId };

type HeadProps = { sort: Sort | null; onSort: (sort: Sort | null) => void };

/** A head that sorts: ascending, descending, as it was. */
function SortHead({
  by,
  number,
  title,
  sort,
  onSort,
  children,
}: HeadProps & { by: string; number?: boolean; title?: string; children: ReactNode }) {
  const sorted = sort?.key === by ? (sort.descending ? 'descending' : 'ascending') : undefined;
  const next =
    sorted === undefined
      ? { key: by, descending: false }
      : sorted === 'ascending'
        ? { key: by, descending: true }
        : null;
  return (
    <th scope="col" className={number ? css.number : undefined} title={title} aria-sort={sorted}>
      <button type="button" className={css.sort} onClick={() => onSort(next)}>
        {children}
        {sorted && <span aria-hidden="true">{sorted === 'ascending' ? ' ▲' : ' ▼'}</span>}
      </button>
    </th>
  );
}

export type AnswerTableProps = HeadProps & {
  answer: Answer;
  /** The rows to show, the baseline first. */
  rows: readonly AnswerRow[];
  /** Index of the second row among all configs but the baseline. */
  from: number;
  /** Positions of configs that are chosen for a comparison. */
  chosen: ReadonlySet<number>;
  onChoose: (position: number, chosen: boolean) => void;
  onBaseline: (position: number) => void;
};

export function AnswerTable({ answer, rows, from, chosen, onChoose, onBaseline, ...head }: AnswerTableProps) {
  const figures = figuresOf(answer);
  const scale = differenceScale(answer);
  const text = axisTexts(answer.rows);
  const base = answer.rows.find(({ baseline }) => baseline);
  const bold = answer.best?.beyondNoise ? answer.best.configId : null;
  const compares = answer.rows.length > 1;
  const nameAt = (position: number) => answer.rows.find((row) => row.position === position)?.name || 'as written';
  return (
    <Scroll label="Answer" className={css.scroll}>
      <table className={css.table} aria-rowcount={answer.configs + 1}>
        <caption className="visually-hidden">
          {`Configs of the sweep: ${figures.title}, mean and standard deviation over seeds, and difference from the baseline`}
        </caption>
        <thead>
          <tr aria-rowindex={1}>
            {compares && (
              <th scope="col" className={css.choose}>
                <span className="visually-hidden">chosen for a comparison</span>
              </th>
            )}
            {answer.axes.map(({ path }) => (
              <SortHead key={path} by={path} title={path} {...head}>
                {axisName(path)}
              </SortHead>
            ))}
            {answer.axes.length === 0 && <th scope="col">config</th>}
            <SortHead by="mean" number {...head}>
              {figures.title}
            </SortHead>
            {compares && (
              <>
                <SortHead by="difference" number {...head}>
                  difference, {figures.unit}
                </SortHead>
                <th scope="col" className={css.plot}>
                  <span className="visually-hidden">difference as a plot</span>
                  <IntervalAxis scale={scale} figures={figures} />
                </th>
                <th scope="col">verdict</th>
              </>
            )}
            <SortHead by="macs" number {...head}>
              MACs
            </SortHead>
            <SortHead by="parameters" number title="parameters" {...head}>
              params
            </SortHead>
            <SortHead by="time" number title="mean device time of a run that succeeded" {...head}>
              time a run
            </SortHead>
            <th scope="col" className={css.inside}>
              look at
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const verdict = verdictOf(row);
            const name = row.name || 'as written';
            return (
              <tr
                key={row.configId}
                aria-rowindex={row.baseline ? 2 : from + index + 2}
                data-quiet={QUIET.has(verdict) || undefined}
                data-baseline={row.baseline || undefined}
              >
                {compares && (
                  <td className={css.choose}>
                    <input
                      type="checkbox"
                      aria-label={`Choose ${name} for a comparison`}
                      checked={chosen.has(row.position)}
                      onChange={({ target }) => onChoose(row.position, target.checked)}
                    />
                  </td>
                )}
                {answer.axes.map(({ path }, i) => {
                  const value = Object.hasOwn(row.axes, path) ? text(path, row.axes[path]) : '–';
                  const content = (
                    <>
                      {i === 0 && <SeriesMark position={row.position} />}
                      <bdi className={css.value} title={value.length > 24 ? value : undefined}>
                        {value}
                      </bdi>
                      {i === 0 && row.fork && (
                        <span className={css.fork} title={nameAt(row.fork.position)}>
                          from <SeriesMark position={row.fork.position} />
                          <span className="visually-hidden">{nameAt(row.fork.position)}</span> after epoch{' '}
                          {row.fork.epochs}
                        </span>
                      )}
                    </>
                  );
                  return i === 0 ? (
                    <th scope="row" key={path} data-axis={axisName(path)}>
                      {content}
                    </th>
                  ) : (
                    <td key={path} data-axis={axisName(path)}>
                      {content}
                    </td>
                  );
                })}
                {answer.axes.length === 0 && <th scope="row">as written</th>}
                <td className={css.mean} data-best={row.configId === bold || undefined}>
                  {row.mean === null ? (
                    <span className={css.missing}>{row.unfinished > 0 ? 'not finished' : 'no result'}</span>
                  ) : (
                    <>
                      {figures.value(row.mean)}
                      <span className={css.half}>
                        {row.sd === null ? '' : ` ± ${figures.spread(row.sd)}`} ({row.n})
                      </span>
                    </>
                  )}
                  {row.failed > 0 && <span className={css.failed}> {row.failed} missing</span>}
                  {row.pruned > 0 && <span className={css.missing}> {row.pruned} pruned</span>}
                </td>
                {compares && (
                  <>
                    <td className={css.number}>
                      <Difference row={row} figures={figures} />
                    </td>
                    <td className={css.plot}>
                      <IntervalCell row={row} base={base} scale={scale} figures={figures} />
                    </td>
                    <td className={css.verdict} title={detail(row, figures)}>
                      <VerdictMark verdict={verdict} word={rowWord(row)} />
                      {!row.baseline && row.mean !== null && (
                        <button type="button" className={css.pick} onClick={() => onBaseline(row.position)}>
                          compare with this<span className="visually-hidden"> config: {name}</span>
                        </button>
                      )}
                    </td>
                  </>
                )}
                <td className={css.cost}>{row.macs === null ? '–' : compact(row.macs)}</td>
                <td className={css.cost}>{row.parameters === null ? '–' : compact(row.parameters)}</td>
                <td className={css.cost}>{row.deviceSeconds === null ? '–' : brieflyLasting(row.deviceSeconds)}</td>
                <td className={css.inside}>
                  {row.n > 0 && (
                    <>
                      <Link href={to.insideConfig(answer.sweep.id, row.configId)}>
                        <span className="visually-hidden">look </span>inside
                        <span className="visually-hidden"> {name}</span>
                      </Link>
                      <Link href={to.confusion(confused(row, base))}>
                        confusion<span className="visually-hidden"> of {name}</span>
                      </Link>
                    </>
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
