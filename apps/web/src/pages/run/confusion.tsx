import type { Confusion } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { confusionQuery } from '../../data/queries.ts';
import { RequestError } from '../../data/request.ts';
import { count, percent } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import css from './confusion.module.css';

const CELL = 34;
const LEFT = 110;
const TOP = 92;
const RIGHT = 70;
/** Numbers in the cells of a matrix of this many classes at most; above it, they are on hover. */
const NUMBERED = 24;

const className = (index: number, name: string | null): string => name ?? String(index);

function Matrix({ confusion }: { confusion: Confusion }) {
  const names = new Map<number, string>();
  for (const { label, labelName, predicted, predictedName } of confusion.cells) {
    names.set(label, className(label, labelName));
    names.set(predicted, className(predicted, predictedName));
  }
  const classes = [...names.keys()].sort((a, b) => a - b);
  const size = classes.length > NUMBERED ? 10 : CELL;
  const at = new Map(classes.map((index, i) => [index, i]));
  const totals = new Map<number, number>();
  for (const { label, n } of confusion.cells) totals.set(label, (totals.get(label) ?? 0) + n);
  const width = LEFT + classes.length * size + RIGHT;
  const height = TOP + classes.length * size + 8;
  const right = confusion.cells.filter(({ label, predicted }) => label === predicted);
  const accuracy = new Map(right.map(({ label, n }) => [label, n / (totals.get(label) ?? 1)]));
  const label = `Confusion of ${classes.length} classes. Accuracy by class: ${classes
    .map((index) => `${names.get(index)} ${percent(accuracy.get(index) ?? 0)} %`)
    .join(', ')}`;
  return (
    <svg
      data-plot
      className={css.matrix}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {size === CELL &&
        classes.map((index, i) => (
          <g key={index}>
            <text x={LEFT - 8} y={TOP + (i + 0.5) * size + 4} textAnchor="end">
              {names.get(index)}
            </text>
            <text transform={`translate(${LEFT + (i + 0.5) * size + 4} ${TOP - 8}) rotate(-60)`}>
              {names.get(index)}
            </text>
            <text className={css.accuracy} x={LEFT + classes.length * size + 8} y={TOP + (i + 0.5) * size + 4}>
              {percent(accuracy.get(index) ?? 0)} %
            </text>
          </g>
        ))}
      {confusion.cells.map(({ label: row, predicted: column, n }) => {
        const share = n / (totals.get(row) ?? 1);
        return (
          <g
            key={`${row} ${column}`}
            transform={`translate(${LEFT + (at.get(column) ?? 0) * size} ${TOP + (at.get(row) ?? 0) * size})`}
          >
            <rect
              className={row === column ? css.right : css.wrong}
              width={size - 1}
              height={size - 1}
              fillOpacity={0.08 + 0.6 * share}
            />
            {size === CELL && (
              <text className={css.number} x={size / 2} y={size / 2 + 4} textAnchor="middle">
                {count(n)}
              </text>
            )}
            <title>{`${names.get(row)} taken for ${names.get(column)}: ${count(n)} images, ${percent(share)} % of ${names.get(row)}`}</title>
          </g>
        );
      })}
    </svg>
  );
}

/** True classes in rows, predicted ones in columns; the shade is the share of the row. */
export function ConfusionPanel({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(confusionQuery(id));
  if (error instanceof RequestError && error.status >= 400 && error.status < 500) return null; // no predictions are stored
  return (
    <Panel
      title="Confusion"
      explains="Rows are true classes, columns predicted ones, with the number of test images; the shade is the share of the row. On the right, the accuracy of each class."
      file={`confusion-${id.slice(0, 8)}`}
      sql={`select * from confusion where run = '${id}' and split = 'test'`}
    >
      {isPending && <Loading what="predictions" />}
      {error && <Failed error={error} what="predictions" retry={() => void refetch()} />}
      {data && (
        <div className={css.scroll}>
          <Matrix confusion={data} />
        </div>
      )}
    </Panel>
  );
}
