import type { Answer } from '@ablate/contracts';
import { numberCell, type Table, textCell } from '@ablate/tables';

/** Runs without a result, by state and cause. */
export const failuresTable = ({ failures }: Pick<Answer, 'failures'>): Table => ({
  columns: [
    { head: 'state', right: false },
    { head: 'cause', right: false },
    { head: 'runs', right: true },
    { head: 'a message', right: false },
  ],
  rows: failures.map(({ state, cause, runs, message }) => [
    textCell(state),
    textCell(cause?.replaceAll('_', ' ') ?? ''),
    numberCell(runs),
    textCell(message ?? ''),
  ]),
  sentences: [],
  legend: [],
  data: {
    columns: ['state', 'cause', 'runs', 'message'],
    rows: failures.map(({ state, cause, runs, message }) => [state, cause, runs, message]),
  },
});
