import type { ConfusionView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId } from 'react';
import { answerQuery, type ConfusionParameters, confusionQuery } from '../../data/queries.ts';
import { count, percent, plural, pointName } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { useSearch } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { CellPanel } from './cell-panel.tsx';
import css from './confusion-page.module.css';
import { ConfusionTable } from './confusion-table.tsx';
import { Matrix } from './matrix.tsx';

type Side = ConfusionView['sides'][number];

const configName = ({ axes, position }: Side): string => pointName(axes) || `config ${position}`;

/** Of what the numbers are: one run, or the sum over seeds. */
function sideText(side: Side): string {
  const { runs, images, correct } = side;
  const [only] = runs;
  const of =
    runs.length === 1
      ? `seed ${only?.seed}, ${count(images)} images`
      : `sum over ${plural(runs.length, 'seed')} (${runs.map(({ seed }) => seed).join(', ')}), ${count(images)} predictions`;
  return `${of}, ${percent(correct / Math.max(1, images))} % right`;
}

function Sides({ sides }: { sides: readonly Side[] }) {
  return (
    <ul className={css.sides}>
      {sides.map((side, i) => (
        <li key={side.configId}>
          {sides.length > 1 && <strong>{i === 0 ? 'This: ' : 'Beside: '}</strong>}
          <bdi>{configName(side)}</bdi> of{' '}
          <Link href={to.sweep(side.sweep.id)}>
            <bdi>{side.sweep.name}</bdi>
          </Link>
          : {sideText(side)}
          {side.runs.length === 1 && side.runs[0] && (
            <>
              {' '}
              (<Link href={to.run(side.runs[0].id)}>run</Link>)
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

type ChoicesProps = { view: ConfusionView | undefined; change: (search: Record<string, string | undefined>) => void };

/** One run or all seeds; which config stands beside; which images. */
function Choices({ view, change }: ChoicesProps) {
  const [search] = useSearch();
  const split = useId();
  const [side, other] = view?.sides ?? [];
  const { data: answer } = useQuery({ ...answerQuery(side?.sweep.id ?? ''), enabled: side !== undefined });
  const run = search.get('run');
  const others = answer?.rows.filter(({ configId, n }) => configId !== side?.configId && n > 0) ?? [];
  return (
    <div className={css.choices}>
      {side && (
        <label>
          Of{' '}
          <select
            value={run ?? 'all'}
            onChange={({ target }) =>
              change(
                target.value === 'all'
                  ? { run: undefined, config: side.configId }
                  : { run: target.value, config: undefined, with: undefined },
              )
            }
          >
            <option value="all">all seeds of the config</option>
            {(run ? side.runs.filter(({ id }) => id === run) : side.runs).map(({ id, seed }) => (
              <option key={id} value={id}>
                seed {seed} alone
              </option>
            ))}
          </select>
        </label>
      )}
      {side && !run && (
        <label>
          Difference from{' '}
          <select value={other?.configId ?? ''} onChange={({ target }) => change({ with: target.value || undefined })}>
            <option value="">no other config</option>
            {others.map(({ configId, name }) => (
              <option key={configId} value={configId}>
                {name}
              </option>
            ))}
            {other && !others.some(({ configId }) => configId === other.configId) && (
              <option value={other.configId}>{configName(other)}</option>
            )}
          </select>
        </label>
      )}
      <fieldset className={css.split}>
        <legend className="visually-hidden">Images</legend>
        {(['test', 'validation'] as const).map((name) => (
          <label key={name}>
            <input
              type="radio"
              name={split}
              checked={(search.get('split') ?? 'test') === name}
              onChange={() => change({ split: name === 'test' ? undefined : name })}
            />{' '}
            {name} images
          </label>
        ))}
      </fieldset>
    </div>
  );
}

const statement = (parameters: ConfusionParameters): string => {
  const { run, config, with: other, split } = parameters;
  const where = run ? `run = '${run}'` : `config_id in ('${config}'${other ? `, '${other}'` : ''})`;
  return `select config_id, label_name, predicted_name, sum(n) as n\nfrom confusion\nwhere ${where} and split = '${split}'\ngroup by 1, 2, 3 order by 1, n desc`;
};

/** Only what is wrong, most frequent first. */
const confusionsStatement = (parameters: ConfusionParameters): string =>
  statement(parameters).replace(
    '\ngroup by 1, 2, 3 order by 1, n desc',
    ' and label <> predicted\ngroup by 1, 2, 3 order by n desc',
  );

export default function ConfusionPage() {
  const [search, change] = useSearch();
  const [run, config] = [search.get('run') ?? undefined, search.get('config') ?? undefined];
  const other = run ? undefined : (search.get('with') ?? undefined);
  const parameters: ConfusionParameters = {
    ...(run ? { run } : { config }),
    ...(other ? { with: other } : {}),
    split: search.get('split') ?? 'test',
  };
  const { data, error, isPending, refetch } = useQuery({
    ...confusionQuery(parameters),
    enabled: run !== undefined || config !== undefined,
  });
  useEffect(() => {
    document.title = 'Confusion · Ablate';
  }, []);
  if (!run && !config)
    return (
      <Empty title="Confusion of classes">
        <p>
          Open it from a run, or from a config of a <Link href={to.sweeps()}>sweep</Link>: /confusion?run=ID,
          /confusion?config=ID, or /confusion?config=ID&amp;with=ID for a difference.
        </p>
      </Empty>
    );
  const [label, predicted] = (search.get('cell') ?? '').split('-');
  const open = (cell: { label: number; predicted: number } | null) =>
    change({ cell: cell ? `${cell.label}-${cell.predicted}` : undefined }, { replace: true });
  const differs = (data?.sides.length ?? 0) > 1;
  return (
    <div className={css.page}>
      <h1>{differs ? 'Difference of confusions' : 'Confusion of classes'}</h1>
      <Choices view={data} change={(next) => change({ cell: undefined, ...next })} />
      {isPending && <Loading what="predictions" />}
      {error && <Failed error={error} what="predictions" retry={() => void refetch()} />}
      {data && !error && (
        <>
          <Sides sides={data.sides} />
          <Panel
            title={differs ? 'This minus the other' : 'Share of each true class'}
            anchor="matrix"
            explains={
              differs
                ? 'Rows are true classes, columns predicted ones: percentage points of the row. Blue: this config predicts it more often; orange: less often. On the diagonal, blue is better.'
                : 'Rows are true classes, columns predicted ones: percent of the row, and the number of images. Choose a cell to see its images.'
            }
            file={`confusion-${(run ?? config ?? '').slice(0, 8)}`}
            sql={statement(parameters)}
            table={({ confusion }) => confusion(data)}
          >
            <Matrix
              view={data}
              open={open}
              cell={label && predicted ? { label: Number(label), predicted: Number(predicted) } : null}
            />
            {data.omitted > 0 && (
              <p className={css.note}>{plural(data.omitted, 'rare confusion')} left out: the SQL has them all.</p>
            )}
          </Panel>
          {label && predicted && (
            <CellPanel
              key={search.get('cell')}
              view={data}
              parameters={{ ...parameters, label, predicted }}
              close={() => open(null)}
            />
          )}
          <ConfusionTable view={data} sql={confusionsStatement(parameters)} open={open} />
        </>
      )}
    </div>
  );
}
