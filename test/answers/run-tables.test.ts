import assert from 'node:assert/strict';
import test from 'node:test';
import { confusionTable, metricsTable } from '@ablate/answers';
import { type ConfusionView, MetricView } from '@ablate/contracts';
import { formatCsv, type Table } from '@ablate/tables';

const csv = ({ data }: Table): string[] => formatCsv(data.columns, data.rows).trim().split(/\r?\n/);

test('the metrics of a run: a row for each step, empty where a metric was not measured or not finite', () => {
  const metric = (name: string, step: number, value: number | null) =>
    MetricView.parse({ name, step, epoch: step / 10, value });
  const table = metricsTable([metric('b', 10, 1 / 3), metric('a', 20, null), metric('a', 10, 2)]);
  assert.deepEqual(csv(table), ['step,epoch,a,b', '10,1,2,0.3333333333333333', '20,2,,']);
});

test('confusion: counts and shares of the true class, of one side or of two', () => {
  const side = {
    ...{ sweep: { id: 's', name: 's' }, configId: 'c', position: 0, axes: {}, runs: [], images: 0, correct: 0 },
  };
  const cells = (n: number[][]) => n.map((of, i) => ({ label: 0, predicted: i, n: of }));
  const view = (n: number[][]): ConfusionView => ({
    ...{ split: 'test', classes: ['cat, tabby', 'dog'], cells: cells(n), omitted: 0 },
    sides: (n[0] ?? []).map(() => side),
  });
  assert.deepEqual(csv(confusionTable(view([[3], [1]]))), [
    'label,predicted,n,share',
    '"cat, tabby","cat, tabby",3,0.75',
    '"cat, tabby",dog,1,0.25',
  ]);
  assert.deepEqual(
    csv(
      confusionTable(
        view([
          [3, 0],
          [1, 2],
        ]),
      ),
    ).slice(1),
    ['"cat, tabby","cat, tabby",3,0,0.75,0', '"cat, tabby",dog,1,2,0.25,1'],
  );
});
