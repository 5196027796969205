import type { SweepPoints } from '@ablate/contracts';
import { type Cell, numberCell, type Table, textCell } from '@ablate/tables';
import { figureHead, printed, scaled } from './answer-columns.ts';

type Value = string | number | null;

/** Configs of a sweep by their values on its axes, best first; only the i-th where `kept[i]`, if given. */
export function pointsTable(points: SweepPoints, kept?: Uint8Array): Table {
  const { positions, axes, mean, n, macs, parameters, deviceSeconds, metric, split } = points;
  const direction = metric === 'loss' ? 1 : -1;
  const order = positions
    .map((_, i) => i)
    .filter((i) => kept === undefined || kept[i] === 1)
    .sort((a, b) => {
      const [x, y] = [mean[a] ?? null, mean[b] ?? null];
      if (x === null || y === null) return Number(x === null) - Number(y === null) || a - b;
      return direction * (x - y) || a - b;
    });
  const read = ({ labels, values }: SweepPoints['axes'][number], i: number): Value => {
    const value = values[i] ?? null;
    return value === null || labels === null ? value : (labels[value] ?? null);
  };
  const shown = (value: Value): Cell =>
    textCell(value === null ? '–' : typeof value === 'number' ? `${Number(value.toPrecision(4))}` : value);
  return {
    columns: [
      { head: '#', right: true },
      ...axes.map(({ name, labels }) => ({ head: name, right: labels === null })),
      { head: 'n', right: true },
      { head: figureHead({ split, metric }), right: true },
      { head: 'MACs', right: true },
      { head: 'parameters', right: true },
      { head: 's/run', right: true },
    ],
    rows: order.map((i) => {
      const value = mean[i] ?? null;
      return [
        numberCell(positions[i] ?? null),
        ...axes.map((axis) => shown(read(axis, i))),
        numberCell(n[i] ?? 0),
        value === null ? null : printed(metric, value, null),
        scaled(macs[i] ?? null),
        scaled(parameters[i] ?? null),
        numberCell(deviceSeconds[i] ?? null, 1),
      ];
    }),
    sentences: [],
    legend: [],
    data: {
      columns: ['position', ...axes.map(({ path }) => path), 'n', 'mean', 'macs', 'parameters', 'device_seconds'],
      rows: order.map((i) => [
        positions[i] ?? null,
        ...axes.map((axis) => read(axis, i)),
        ...[n[i] ?? 0, mean[i] ?? null, macs[i] ?? null, parameters[i] ?? null, deviceSeconds[i] ?? null],
      ]),
    },
  };
}
