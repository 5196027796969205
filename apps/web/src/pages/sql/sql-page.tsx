import type { QueryView, SqlAnswer } from '@ablate/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { columnsQuery } from '../../data/queries.ts';
import { request } from '../../data/request.ts';
import Editor from '../../editor/editor.tsx';
import { count, plural } from '../../format/number.ts';
import { saveText } from '../../parts/download.ts';
import { Failed, Loading } from '../../parts/states.tsx';
import { useSearch } from '../../router/location.ts';
import { sqlLanguage } from './language.ts';
import { Parameters, parametersOf, readValue, type Values } from './parameters.tsx';
import { QuickPlot } from './quick-plot.tsx';
import { ResultTable } from './result-table.tsx';
import { SavedQueries } from './saved-queries.tsx';
import { Schema } from './schema.tsx';
import css from './sql-page.module.css';

const FIRST = `select sweep, axes, n, test_mean, test_sd
from ablation
order by test_mean desc nulls last`;

/** Runs while the reader waits; the API stops the statement when the page is left. */
function useStatement() {
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const mutation = useMutation({
    mutationFn: ({ text, values }: { text: string; values: Values }) => {
      running.current?.abort();
      running.current = new AbortController();
      const parameters = Object.fromEntries(parametersOf(text).map((name) => [name, readValue(values[name] ?? '')]));
      return request<SqlAnswer>('/sql', {
        method: 'POST',
        body: { sql: text, parameters },
        signal: running.current.signal,
      });
    },
  });
  return { ...mutation, cancel: () => running.current?.abort() };
}

const csvCell = (value: unknown): string => {
  const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const toCsv = ({ columns, rows }: SqlAnswer): string =>
  [columns.map(({ name }) => name), ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');

/** Seconds since a statement was sent, while it runs. */
function useElapsed(pending: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!pending) return;
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [pending]);
  return seconds;
}

export default function SqlPage() {
  const [search, change] = useSearch();
  const [text, setText] = useState(search.get('q') ?? FIRST);
  const columns = useQuery(columnsQuery());
  const statement = useStatement();
  const elapsed = useElapsed(statement.isPending);
  const names = parametersOf(text);
  const values: Values = Object.fromEntries(names.map((name) => [name, search.get(`p.${name}`) ?? '']));
  const language = useMemo(() => sqlLanguage(columns.data ?? []), [columns.data]);
  const run = () => {
    change({ q: text });
    statement.mutate({ text, values });
  };
  const open = ({ sql, parameters }: QueryView) => {
    const chosen = sql.trim();
    setText(chosen);
    change({ q: chosen, x: undefined, y: undefined });
    if (parameters.length === 0) statement.mutate({ text: chosen, values: {} });
  };
  // A link to a query shows its result.
  const first = useRef(true);
  useEffect(() => {
    document.title = 'SQL · Ablate';
    if (first.current && search.get('q')) statement.mutate({ text, values });
    first.current = false;
  });
  const answer = statement.data;
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>SQL</h1>
        <SavedQueries text={text} open={open} />
        <button type="button" className={css.run} disabled={statement.isPending} onClick={run}>
          Run <kbd>Ctrl ⏎</kbd>
        </button>
      </div>
      <div className={css.columns}>
        <div className={css.editor}>
          <Editor label="SQL statement" value={text} language={language} onChange={setText} onSubmit={run} />
        </div>
        <Schema columns={columns.data ?? []} error={columns.error} />
      </div>
      <Parameters
        names={names}
        values={values}
        onChange={(name, value) => change({ [`p.${name}`]: value }, { replace: true })}
      />
      {statement.isPending && (
        <div className={css.waiting}>
          <Loading what={elapsed > 0 ? `rows, ${elapsed} s` : 'rows'} />
          <button type="button" onClick={statement.cancel}>
            Cancel
          </button>
        </div>
      )}
      {statement.error && <Failed error={statement.error} what="rows" />}
      {answer && !statement.isPending && (
        <section className={css.result}>
          <div className={css.head}>
            <h2>
              {plural(answer.rows.length, 'row')} in {answer.seconds.toFixed(2)} s
            </h2>
            <button type="button" onClick={() => saveText('query.csv', toCsv(answer), 'text/csv')}>
              CSV
            </button>
          </div>
          {answer.truncated && (
            <p className={css.truncated} role="status">
              {answer.truncated === 'rows'
                ? `Cut off after ${count(answer.limits.rows)} rows: there are more. Add a condition or a limit.`
                : `Cut off after ${count(answer.limits.bytes / 1e6)} MB: there is more. Select fewer columns or rows.`}
            </p>
          )}
          <QuickPlot answer={answer} />
          <ResultTable answer={answer} />
        </section>
      )}
    </div>
  );
}
