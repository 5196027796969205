import type { ConfigComparison } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { comparisonQuery } from '../../data/queries.ts';
import { axisValue, pValue } from '../../format/number.ts';
import { Exports } from '../../parts/exports.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Empty, Failed, isRefused, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { useSearch } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { Choices } from '../sweep/choices.tsx';
import { metricName } from '../sweep/statements.ts';
import css from './compare-page.module.css';
import { FiguresTable } from './figures-table.tsx';

/** With the plotting library, which the figures do not need. */
const CompareCurves = lazy(() => import('./compare-curves.tsx'));

const valuesText = (values: readonly (readonly unknown[])[] | undefined, i: number): string => {
  const own = values?.[i] ?? [];
  return own.length === 0 ? 'absent' : own.map(axisValue).join(', ');
};

function Differences({ comparison }: { comparison: ConfigComparison }) {
  if (comparison.differences.length === 0) return <p>Config, data, code and environment are equal.</p>;
  return (
    <Scroll label="What differs" className={css.scroll}>
      <table className={`${css.table} ${css.fields}`}>
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
              <td className={css.value}>{part}</td>
              <th scope="row" className={css.value}>
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
    </Scroll>
  );
}

function McNemar({ comparison, baseline }: { comparison: ConfigComparison; baseline: string }) {
  if (comparison.mcnemar.length === 0) return null;
  const names = new Map(comparison.rows.map(({ configId, name }) => [configId, name]));
  return (
    <Panel
      title="On the same test images"
      anchor="mcnemar"
      explains={`How many images only one of two runs of the same seed classifies correctly, this config or ${baseline}, and the exact McNemar test.`}
      file="compare-images"
      picture={null}
    >
      <Scroll label="On the same test images" className={css.scroll}>
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
      </Scroll>
    </Panel>
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
          Tick configs in the table of a <Link href={to.sweeps()}>sweep</Link>, or put ids into the address:
          /compare?c=ID,ID. They may be of different sweeps.
        </p>
      </Empty>
    );
  if (!data)
    return isPending ? (
      <Loading what="the comparison" />
    ) : (
      <Failed error={error} what="config" retry={() => void refetch()} />
    );
  const [first] = data.rows;
  const ids = data.rows.map(({ configId }) => `'${configId}'`).join(', ');
  return (
    <>
      <h1>Compare</h1>
      {error && isRefused(error) && <Failed error={error} what="comparison" retry={() => void refetch()} />}
      <div className={css.headline}>
        {data.headline.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      {data.warnings.length > 0 && (
        <section className={css.warnings} aria-label="Hard to compare">
          <strong>Not like with like:</strong>
          <ul>
            {data.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </section>
      )}
      <Choices figure={data} change={change} />
      <FiguresTable comparison={data} onChange={(ids) => change({ c: ids.join(',') })} />
      <div className={css.exports}>
        <Exports
          anchor="figures"
          file="compare"
          table={({ comparison }) => comparison(data)}
          picture={async () => (await import('../sweep/pictures.ts')).comparisonPicture(data)}
          sql={`select sweep, axes, n, mean, sd, "values" from cells\nwhere config_id in (${ids}) and metric = '${metricName(data)}'`}
        />
      </div>
      <p className={css.lead}>
        {data.basis === 'sweep'
          ? 'The variance is pooled over the whole sweep, as in its answer.'
          : 'The configs are of different sweeps: the variance is pooled over these configs alone.'}
      </p>
      <Suspense fallback={<Loading what="curves" />}>
        <CompareCurves comparison={data} />
      </Suspense>
      <Panel
        title="What differs"
        anchor="differences"
        explains="Differences only, compared exactly: of config, data, code and environment. Absent equals nothing else."
        file="compare-differences"
        picture={null}
        table={({ differences }) => differences(data)}
        sql={`select * from configs\nwhere config_id in (${ids})`}
      >
        <Differences comparison={data} />
      </Panel>
      <McNemar comparison={data} baseline={first?.name ?? ''} />
    </>
  );
}
