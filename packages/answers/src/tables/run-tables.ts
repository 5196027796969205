/** Tables of one run: what it measured, and which classes it confuses. */
import type { ConfusionView, MetricView } from '@ablate/contracts';
import { numberCell, type Table, textCell } from '@ablate/tables';

const brief = (value: number | null | undefined) =>
  value === null || value === undefined ? null : textCell(`${Number(value.toPrecision(5))}`);

/** A row for each step, a column for each metric. */
export function metricsTable(metrics: readonly MetricView[]): Table {
  const names = [...new Set(metrics.map(({ name }) => name))].sort();
  const steps = new Map<number, { epoch: number; values: Map<string, number | null> }>();
  for (const { name, step, epoch, value } of metrics) {
    const row = steps.get(step) ?? { epoch, values: new Map<string, number | null>() };
    row.values.set(name, value);
    steps.set(step, row);
  }
  const rows = [...steps].sort(([a], [b]) => a - b);
  return {
    columns: ['step', 'epoch', ...names].map((head) => ({ head, right: true })),
    rows: rows.map(([step, { epoch, values }]) => [
      numberCell(step),
      brief(epoch),
      ...names.map((name) => brief(values.get(name))),
    ]),
    sentences: [],
    legend: [],
    data: {
      columns: ['step', 'epoch', ...names],
      rows: rows.map(([step, { epoch, values }]) => [step, epoch, ...names.map((name) => values.get(name) ?? null)]),
    },
  };
}

/** A row for each pair of true and predicted class; of two configs, with the number of both. */
export function confusionTable({ classes, sides, cells }: ConfusionView): Table {
  const totals = new Map<number, number[]>();
  for (const { label, n } of cells) {
    const total = totals.get(label) ?? sides.map(() => 0);
    totals.set(
      label,
      total.map((sum, side) => sum + (n[side] ?? 0)),
    );
  }
  const numbers = sides.length > 1 ? ['n', 'n of the other'] : ['n'];
  const shares = sides.length > 1 ? ['share', 'share of the other'] : ['share'];
  const shareOf = (label: number, n: readonly number[], side: number): number =>
    (n[side] ?? 0) / Math.max(1, totals.get(label)?.[side] ?? 0);
  const name = (index: number): string => classes[index] ?? String(index);
  return {
    columns: [
      { head: 'true class', right: false },
      { head: 'predicted class', right: false },
      ...[...numbers, ...shares.map((head) => `${head}, %`)].map((head) => ({ head, right: true })),
    ],
    rows: cells.map(({ label, predicted, n }) => [
      ...[textCell(name(label)), textCell(name(predicted)), ...n.map((one) => numberCell(one))],
      ...sides.map((_, side) => numberCell(100 * shareOf(label, n, side), 2)),
    ]),
    sentences: [],
    legend: ['share: of the predictions for images of the true class'],
    data: {
      columns: ['label', 'predicted', ...numbers, ...shares],
      rows: cells.map(({ label, predicted, n }) => [
        ...[name(label), name(predicted), ...n],
        ...sides.map((_, side) => shareOf(label, n, side)),
      ]),
    },
  };
}
