import type { Answer, SweepDetail } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { type AnswerParameters, answerQuery, sweepQuery } from '../../data/queries.ts';
import { count, duration, plural } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { SweepActions } from '../../parts/actions.tsx';
import { RunsBar } from '../../parts/progress.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { useSearch } from '../../router/location.ts';
import { AnswerTable } from './answer-table.tsx';
import { Effects } from './effects.tsx';
import { Failures } from './failures.tsx';
import { Interactions } from './interactions.tsx';
import { Pareto } from './pareto.tsx';
import { RunsTable } from './runs-table.tsx';
import css from './sweep-page.module.css';

/** With the plotting library, which the answer does not need. */
const CurvesPanel = lazy(async () => ({ default: (await import('./curves-panel.tsx')).CurvesPanel }));

/** Sentences of the headline that are shown at once. */
const SHOWN = 4;

function Headline({ answer }: { answer: Answer }) {
  const [varied, result, ...rest] = answer.headline;
  const shown = rest.slice(0, SHOWN - 2);
  const more = rest.slice(SHOWN - 2);
  return (
    <div className={css.headline}>
      <p>{varied}</p>
      {result && <p className={css.result}>{result}</p>}
      {shown.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {more.length > 0 && (
        <details>
          <summary>How sure, and what would decide the rest</summary>
          {more.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </details>
      )}
    </div>
  );
}

function Strip({ answer, sweep }: { answer: Answer; sweep: SweepDetail }) {
  const { usefulSeconds, lostSeconds } = answer.cost;
  const limit = sweep.budget.deviceHours;
  return (
    <div className={css.strip}>
      <div className={css.runs}>
        <RunsBar counts={sweep.counts} />
      </div>
      <span>
        {usefulSeconds + lostSeconds === 0
          ? 'no device time yet'
          : `${duration(usefulSeconds + lostSeconds)} of device time`}
        {limit !== null && ` of ${limit} h`}
        {lostSeconds >= 1 && `, ${duration(lostSeconds)} of it lost with interrupted attempts`}
      </span>
      <span>
        {sweep.state}, submitted <Time at={sweep.createdAt} /> by <bdi>{sweep.owner}</bdi>
      </span>
    </div>
  );
}

const SPLITS = [
  ['test', 'Test'],
  ['validation', 'Validation'],
] as const;

function Choices({ answer, change }: { answer: Answer; change: (parameters: AnswerParameters) => void }) {
  return (
    <div className={css.choices}>
      <fieldset>
        <legend className="visually-hidden">Images that the figures are measured on</legend>
        {SPLITS.map(([split, name]) => (
          <label key={split} data-checked={answer.split === split || undefined}>
            <input
              type="radio"
              name="split"
              checked={answer.split === split}
              onChange={() => change({ split: split === 'test' ? undefined : split })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend className="visually-hidden">Figure</legend>
        {(['accuracy', 'loss'] as const).map((metric) => (
          <label key={metric} data-checked={answer.metric === metric || undefined}>
            <input type="radio" name="metric" checked={answer.metric === metric} onChange={() => change({ metric })} />
            {metric === 'accuracy' ? 'Accuracy' : 'Loss'}
          </label>
        ))}
      </fieldset>
      <span className={css.hint}>the best epoch is chosen on validation; test images are read once, at the end</span>
    </div>
  );
}

export default function SweepPage({ id }: { id: string }) {
  const [search, change] = useSearch();
  const parameters: AnswerParameters = {
    metric: search.get('metric') ?? undefined,
    split: search.get('split') ?? undefined,
    baseline: search.get('baseline') ?? undefined,
  };
  const sweep = useQuery(sweepQuery(id));
  const answer = useQuery(answerQuery(id, parameters));
  const name = sweep.data?.name;
  useEffect(() => {
    document.title = `${name ?? 'Sweep'} · Ablate`;
  }, [name]);
  if (!sweep.data)
    return sweep.isPending ? (
      <Loading what="the sweep" />
    ) : (
      <Failed error={sweep.error} what="sweep" retry={() => void sweep.refetch()} />
    );
  if (!answer.data)
    return answer.isPending ? (
      <Loading what="the answer" />
    ) : (
      <Failed error={answer.error} what="answer" retry={() => void answer.refetch()} />
    );
  const { runs, status } = answer.data;
  return (
    <>
      <div className={css.title}>
        <h1>
          <bdi>{sweep.data.name}</bdi>
        </h1>
        {status === 'provisional' && (
          <span className={css.provisional}>
            provisional: {count(runs.succeeded)} of {plural(runs.total, 'run')}
          </span>
        )}
        <SweepActions sweep={sweep.data} />
      </div>
      {answer.error && <Failed error={answer.error} what="answer" retry={() => void answer.refetch()} />}
      <Headline answer={answer.data} />
      <Strip answer={answer.data} sweep={sweep.data} />
      <Choices answer={answer.data} change={change} />
      <AnswerTable answer={answer.data} onBaseline={(position) => change({ baseline: String(position) })} />
      <p className={css.covers}>
        Mean ± standard deviation over seeds (number of seeds). Differences are paired by seed, ± half of the 95 %
        interval, {answer.data.covers}. A verdict of better or worse is beyond noise for the whole table at 5 %.
      </p>
      <Effects answer={answer.data} />
      <Interactions answer={answer.data} />
      <Pareto answer={answer.data} />
      <Suspense fallback={<Loading what="curves" />}>
        <CurvesPanel answer={answer.data} />
      </Suspense>
      <Failures answer={answer.data} />
      <RunsTable id={id} />
    </>
  );
}
