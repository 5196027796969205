import type { ConfigComparison } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { comparisonQuery } from '../../data/queries.ts';
import { axisValue, pValue } from '../../format/number.ts';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { VerdictMark } from '../../plots/verdict-mark.tsx';
import { Link } from '../../router/link.tsx';
import { useSearch } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { figuresOf } from '../sweep/figures.ts';
import css from './compare-page.module.css';

function Figures({ comparison, drop }: { comparison: ConfigComparison; drop: (configId: string) => void }) {
  const figures = figuresOf(comparison);
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">config</th>
            <th scope="col">sweep</th>
            <th scope="col">{figures.title}</th>
            <th scope="col">difference, {figures.unit}</th>
            <th scope="col">verdict</th>
            <th scope="col" />
          </tr>
        </thead>
        <tbody>
          {comparison.rows.map((row) => {
            const interval = row.comparison?.pooled ?? row.comparison?.paired;
            return (
              <tr key={row.configId}>
                <th scope="row">
                  <bdi>{row.name}</bdi>
                </th>
                <td>
                  <Link href={to.sweep(row.sweep.id)}>
                    <bdi>{row.sweep.name}</bdi>
                  </Link>
                </td>
                <td>
                  {row.mean === null
                    ? 'no result'
                    : `${figures.value(row.mean)}${row.sd === null ? '' : ` ± ${figures.spread(row.sd)}`} (${row.n})`}
                </td>
                <td>
                  {row.comparison?.difference !== null &&
                    row.comparison?.difference !== undefined &&
                    `${figures.difference(row.comparison.difference)}${interval ? ` ± ${figures.spread((interval.high - interval.low) / 2)}` : ''}`}
                </td>
                <td>
                  <VerdictMark verdict={row.baseline ? 'baseline' : (row.comparison?.verdict ?? 'no-result')} />
                </td>
                <td>
                  {comparison.rows.length > 2 && (
                    <button type="button" onClick={() => drop(row.configId)}>
                      Remove<span className="visually-hidden"> {row.name}</span>
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const valuesText = (values: readonly (readonly unknown[])[] | undefined, i: number): string => {
  const own = values?.[i] ?? [];
  return own.length === 0 ? 'absent' : own.map(axisValue).join(', ');
};

function Differences({ comparison }: { comparison: ConfigComparison }) {
  if (comparison.differences.length === 0) return <p>Config, data, code and environment are equal.</p>;
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col">field</th>
            {comparison.rows.map(({ configId, name }) => (
              <th scope="col" key={configId}>
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {comparison.differences.map(({ part, path, values }) => (
            <tr key={`${part} ${path}`}>
              <td>{part}</td>
              <th scope="row">
                <code>{path}</code>
              </th>
              {comparison.rows.map(({ configId }, i) => (
                <td key={configId}>
                  <bdi>{valuesText(values, i)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function McNemar({ comparison }: { comparison: ConfigComparison }) {
  if (comparison.mcnemar.length === 0) return null;
  const names = new Map(comparison.rows.map(({ configId, name }) => [configId, name]));
  return (
    <section>
      <h2>On the same test images</h2>
      <p className={css.lead}>
        How many images only one of two runs of the same seed classifies correctly, and the exact McNemar test.
      </p>
      <div className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">config</th>
              <th scope="col">seed</th>
              <th scope="col">only this one</th>
              <th scope="col">only the baseline</th>
              <th scope="col">of images</th>
              <th scope="col">test</th>
            </tr>
          </thead>
          <tbody>
            {comparison.mcnemar.map((pair) => (
              <tr key={`${pair.configId} ${pair.seed}`}>
                <th scope="row">
                  <bdi>{names.get(pair.configId)}</bdi>
                </th>
                <td>{pair.seed}</td>
                <td>{pair.onlyThis}</td>
                <td>{pair.onlyBaseline}</td>
                <td>{pair.images}</td>
                <td>{pValue(pair.p)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export default function ComparePage() {
  const [search, change] = useSearch();
  const configs = search.get('c') ?? '';
  const parameters = { metric: search.get('metric') ?? undefined, split: search.get('split') ?? undefined };
  const { data, error, isPending, refetch } = useQuery({
    ...comparisonQuery(configs, parameters),
    enabled: configs !== '',
  });
  useEffect(() => {
    document.title = 'Compare · Ablate';
  }, []);
  if (configs === '')
    return (
      <Empty title="Compare configs">
        <p>
          Choose configs in the table of a <Link href={to.sweeps()}>sweep</Link>, or put their ids into the address:
          /compare?c=ID,ID
        </p>
      </Empty>
    );
  if (isPending) return <Loading what="the comparison" />;
  if (!data) return <Failed error={error} what="config" retry={() => void refetch()} />;
  const drop = (configId: string) =>
    change({ c: data.rows.flatMap((row) => (row.configId === configId ? [] : [row.configId])).join(',') });
  return (
    <div className={css.page}>
      <h1>Compare</h1>
      {error && <Failed error={error} what="comparison" retry={() => void refetch()} />}
      <div className={css.headline}>
        {data.headline.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      {data.warnings.length > 0 && (
        <ul className={css.warnings}>
          {data.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <Figures comparison={data} drop={drop} />
      <section>
        <h2>What differs</h2>
        <Differences comparison={data} />
      </section>
      <McNemar comparison={data} />
    </div>
  );
}
