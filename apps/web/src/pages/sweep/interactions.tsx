/** Interactions: how far each cell is from what the two main effects add up to. */
import type { Answer, InteractionView } from '@ablate/contracts';
import { axisName, pValue } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { type Figures, figuresOf } from './figures.ts';
import css from './interactions.module.css';
import { interactionsStatement } from './statements.ts';

const CELL = { width: 76, height: 30, left: 110, top: 26 };

/** Blue above the sum, orange below; opacity by size. The number stands in the cell. */
function Heat({
  interaction,
  figures,
  names,
}: {
  interaction: InteractionView;
  figures: Figures;
  names: [string, string];
}) {
  const { cells } = interaction;
  if (!cells) return null;
  const rows = [...new Set(cells.map(({ levels: [first] }) => first ?? ''))];
  const columns = [...new Set(cells.map(({ levels: [, second] }) => second ?? ''))];
  const most = Math.max(...cells.map(({ excess }) => Math.abs(excess))) || 1;
  const width = CELL.left + columns.length * CELL.width;
  const height = CELL.top + rows.length * CELL.height;
  const label = `${names[0]} by ${names[1]}: ${cells.map(({ levels, excess }) => `${levels.join(', ')} ${figures.difference(excess)}`).join('; ')}`;
  return (
    <svg
      data-plot
      data-title={`${names[0]} × ${names[1]}`}
      className={css.heat}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {columns.map((column, i) => (
        <text key={column} x={CELL.left + (i + 0.5) * CELL.width} y={17} textAnchor="middle">
          {column}
        </text>
      ))}
      {rows.map((row, i) => (
        <text key={row} x={CELL.left - 8} y={CELL.top + (i + 0.5) * CELL.height + 4} textAnchor="end">
          {row}
        </text>
      ))}
      {cells.map(({ levels: [row = '', column = ''], mean, excess }) => (
        <g
          key={`${row}\n${column}`}
          transform={`translate(${CELL.left + columns.indexOf(column) * CELL.width} ${CELL.top + rows.indexOf(row) * CELL.height})`}
        >
          <rect
            className={excess >= 0 ? css.above : css.below}
            width={CELL.width - 2}
            height={CELL.height - 2}
            rx={3}
            fillOpacity={(0.45 * Math.abs(excess)) / most}
          />
          <text className={css.number} x={CELL.width / 2 - 1} y={CELL.height / 2 + 3} textAnchor="middle">
            {figures.difference(excess)}
          </text>
          <title>{`${row}, ${column}: mean ${figures.value(mean)}, ${figures.difference(excess)} ${figures.unit} beyond the main effects`}</title>
        </g>
      ))}
    </svg>
  );
}

export function Interactions({ answer }: { answer: Answer }) {
  const interactions = answer.grids.flatMap((grid) => grid.interactions);
  if (interactions.length === 0) return null;
  const figures = figuresOf(answer);
  return (
    <Panel
      title="Interactions"
      explains={`By how many ${figures.unit} a cell's mean lies above or below the sum of the two main effects.`}
      anchor="interactions"
      file={`interactions-${answer.sweep.id.slice(0, 8)}`}
      table={({ interactions: table }) => table(answer)}
      sql={interactionsStatement(answer)}
    >
      <div className={css.grid}>
        {interactions.map((interaction) => {
          const names: [string, string] = [axisName(interaction.axes[0] ?? ''), axisName(interaction.axes[1] ?? '')];
          const p = interaction.adjusted ?? interaction.p;
          return (
            <figure key={interaction.axes.join()} className={css.figure}>
              <figcaption>
                <h3>
                  {names[0]} × {names[1]}
                </h3>
                <p className={css.note}>
                  {interaction.beyondNoise
                    ? 'beyond noise'
                    : p === null
                      ? 'no estimate of noise'
                      : 'cannot be told from noise'}
                  {p !== null && ` (${pValue(p)})`}
                </p>
              </figcaption>
              <Scroll label={`${names[0]} by ${names[1]}`} className={css.scroll}>
                <Heat interaction={interaction} figures={figures} names={names} />
              </Scroll>
            </figure>
          );
        })}
      </div>
    </Panel>
  );
}
