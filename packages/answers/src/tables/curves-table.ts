import type { Curves } from '@ablate/contracts';
import { numberCell, type Table, textCell } from '@ablate/tables';

const brief = (value: number) => textCell(`${Number(value.toPrecision(4))}`);

/** A row for each point of each curve. */
export const curvesTable = ({ metric, x, configs }: Curves): Table => ({
  columns: [
    { head: 'config', right: false },
    { head: x, right: true },
    { head: 'n', right: true },
    { head: metric, right: true },
    { head: 'least', right: true },
    { head: 'greatest', right: true },
  ],
  rows: configs.flatMap(({ name, points }) =>
    points.map(({ x: at, n, mean, min, max }) => [
      textCell(name),
      brief(at),
      numberCell(n),
      brief(mean),
      brief(min),
      brief(max),
    ]),
  ),
  sentences: [],
  legend: [`${metric}: mean over n seeds of each config`],
  data: {
    columns: ['config_id', 'name', x, 'n', 'mean', 'min', 'max'],
    rows: configs.flatMap(({ configId, name, points }) =>
      points.map(({ x: at, n, mean, min, max }) => [configId, name, at, n, mean, min, max]),
    ),
  },
});
