import type { Answer, CostKind } from '@ablate/contracts';
import { numberCell, type Table, textCell } from '@ablate/tables';
import { figureHead, printed, scaled } from './answer-columns.ts';

const HEADS: Readonly<Record<CostKind, string>> = {
  macs: 'MACs',
  parameters: 'parameters',
  deviceSeconds: 's/run',
};
const STATUS = { front: 'on the front', dominated: 'dominated', 'dominated-beyond-noise': 'dominated beyond noise' };

/** Configs by one kind of cost: which of them no cheaper one reaches. */
export function paretoTable({ pareto, rows, metric, split }: Answer, cost: CostKind): Table {
  const points = pareto.find((one) => one.cost === cost)?.points ?? [];
  const names = new Map(rows.map(({ configId, name }) => [configId, name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  return {
    columns: [
      { head: 'config', right: false },
      { head: HEADS[cost], right: true },
      { head: figureHead({ split, metric }), right: true },
      { head: 'status', right: false },
    ],
    rows: points.map((point) => [
      textCell(nameOf(point.configId)),
      cost === 'deviceSeconds' ? numberCell(point.cost, 1) : scaled(point.cost),
      printed(metric, point.value, null),
      textCell(STATUS[point.status]),
    ]),
    sentences: [],
    legend: ['dominated: another config costs no more and its mean is no worse'],
    data: {
      columns: ['config_id', 'name', 'cost', 'value', 'status', 'dominated_by'],
      rows: points.map(({ configId, cost: of, value, status, by }) => [
        configId,
        nameOf(configId),
        of,
        value,
        status,
        by,
      ]),
    },
  };
}
