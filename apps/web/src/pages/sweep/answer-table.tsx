import type { Answer, AnswerRow } from '@ablate/contracts';
import { axisName, axisValue, compact, duration } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { seriesColor } from '../../plots/colors.ts';
import { VerdictMark } from '../../plots/verdict-mark.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './answer-table.module.css';
import { type Figures, figuresOf } from './figures.ts';
import { differenceScale, IntervalAxis, IntervalCell, shownInterval } from './interval-plot.tsx';

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

function detail({ comparison }: AnswerRow, figures: Figures): string | undefined {
  if (!comparison) return undefined;
  const parts = [
    comparison.pooled?.adjusted !== null && comparison.pooled?.adjusted !== undefined
      ? `p = ${comparison.pooled.adjusted.toPrecision(2)} (Holm)`
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

export function AnswerTable({ answer, onBaseline }: { answer: Answer; onBaseline: (position: number) => void }) {
  const figures = figuresOf(answer);
  const scale = differenceScale(answer);
  const base = answer.rows.find(({ baseline }) => baseline);
  const rows = base ? [base, ...answer.rows.filter((row) => row !== base)] : answer.rows;
  const bold = answer.best?.beyondNoise ? answer.best.configId : null;
  const compares = rows.length > 1;
  return (
    <Scroll label="Answer" className={css.scroll}>
      <table className={css.table} aria-rowcount={answer.configs + 1}>
        <caption className="visually-hidden">
          {`Configs of the sweep: ${figures.title}, mean and standard deviation over seeds, and difference from the baseline`}
        </caption>
        <thead>
          <tr>
            {answer.axes.map(({ path }) => (
              <th scope="col" key={path} title={path}>
                {axisName(path)}
              </th>
            ))}
            {answer.axes.length === 0 && <th scope="col">config</th>}
            <th scope="col" className={css.number}>
              {figures.title}
            </th>
            {compares && (
              <>
                <th scope="col" className={css.number}>
                  difference, {figures.unit}
                </th>
                <th scope="col" className={css.plot}>
                  <span className="visually-hidden">difference as a plot</span>
                  <IntervalAxis scale={scale} figures={figures} />
                </th>
                <th scope="col">verdict</th>
              </>
            )}
            <th scope="col" className={css.number}>
              MACs
            </th>
            <th scope="col" className={css.number}>
              parameters
            </th>
            <th scope="col" className={css.number}>
              time a run
            </th>
            <th scope="col">look</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const verdict = row.baseline ? 'baseline' : (row.comparison?.verdict ?? 'no-result');
            return (
              <tr
                key={row.configId}
                data-quiet={QUIET.has(verdict) || undefined}
                data-baseline={row.baseline || undefined}
              >
                {answer.axes.map(({ path }, i) => {
                  const value = Object.hasOwn(row.axes, path) ? axisValue(row.axes[path]) : '–';
                  const content = (
                    <>
                      {i === 0 && (
                        <svg className={css.swatch} viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
                          <circle cx="4" cy="4" r="4" fill={seriesColor(row.position)} />
                        </svg>
                      )}
                      <bdi className={css.value} title={value.length > 30 ? value : undefined}>
                        {value}
                      </bdi>
                    </>
                  );
                  return i === 0 ? (
                    <th scope="row" key={path}>
                      {content}
                    </th>
                  ) : (
                    <td key={path}>{content}</td>
                  );
                })}
                {answer.axes.length === 0 && <th scope="row">as written</th>}
                <td className={css.number} data-best={row.configId === bold || undefined}>
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
                  {row.failed > 0 && <span className={css.failed}> {row.failed} failed</span>}
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
                      <VerdictMark verdict={verdict} />
                      {!row.baseline && row.mean !== null && (
                        <button type="button" className={css.pick} onClick={() => onBaseline(row.position)}>
                          compare with this<span className="visually-hidden"> config: {row.name}</span>
                        </button>
                      )}
                    </td>
                  </>
                )}
                <td className={css.number}>{row.macs === null ? '–' : compact(row.macs)}</td>
                <td className={css.number}>{row.parameters === null ? '–' : compact(row.parameters)}</td>
                <td className={css.number}>{row.deviceSeconds === null ? '–' : duration(row.deviceSeconds)}</td>
                <td>
                  {row.n > 0 && (
                    <>
                      <Link href={to.insideConfig(answer.sweep.id, row.configId)}>
                        <span className="visually-hidden">look </span>inside
                      </Link>
                      {', '}
                      <Link href={to.confusion({ config: row.configId })}>confusion</Link>
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {answer.omitted > 0 && (
        <p className={css.omitted}>{answer.omitted} more configs are not shown: ask SQL for all.</p>
      )}
    </Scroll>
  );
}
