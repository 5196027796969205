/** A confusion matrix as shares of its rows. */
import type { ConfusionView } from '@ablate/contracts';

export type Cell = {
  label: number;
  predicted: number;
  /** Predictions of each side. */
  n: readonly number[];
  /** Share of the true class's predictions on the first side; with two sides, less that of the other. */
  value: number;
};

export type Shares = {
  cells: readonly Cell[];
  /** By true class: share that is right on the first side, and number of predictions. */
  rows: ReadonlyMap<number, { right: number; n: number }>;
  /** Classes that occur, in order. */
  classes: readonly number[];
  differs: boolean;
};

export function sharesOf({ cells, sides }: ConfusionView): Shares {
  const totals = new Map<number, number[]>();
  const classes = new Set<number>();
  for (const { label, predicted, n } of cells) {
    const total = totals.get(label) ?? sides.map(() => 0);
    totals.set(
      label,
      total.map((sum, side) => sum + (n[side] ?? 0)),
    );
    classes.add(label).add(predicted);
  }
  const share = (label: number, n: readonly number[], side: number) =>
    (n[side] ?? 0) / Math.max(1, totals.get(label)?.[side] ?? 0);
  const differs = sides.length > 1;
  const rows = new Map<number, { right: number; n: number }>();
  for (const [label, total] of totals) {
    const right = cells.find((cell) => cell.label === label && cell.predicted === label);
    rows.set(label, { right: right ? share(label, right.n, 0) : 0, n: total[0] ?? 0 });
  }
  return {
    cells: cells.map(({ label, predicted, n }) => ({
      ...{ label, predicted, n },
      value: share(label, n, 0) - (differs ? share(label, n, 1) : 0),
    })),
    rows,
    classes: [...classes].sort((a, b) => a - b),
    differs,
  };
}
