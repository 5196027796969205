import type { Answer, SweepDetail } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { type AnswerParameters, answerQuery, sweepQuery } from '../../data/queries.ts';
import { count, duration, plural } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { SweepActions } from '../../parts/actions.tsx';
import { RunsBar } from '../../parts/progress.tsx';
import { Failed, isRefused, Loading } from '../../parts/states.tsx';
import { changeSearch, useParameter } from '../../router/location.ts';
import { AnswerPanel } from './answer-panel.tsx';
import { PAGE_ROWS } from './answer-rows.ts';
import { Choices } from './choices.tsx';
import { Decisions } from './decisions.tsx';
import { Effects } from './effects.tsx';
import { Failures } from './failures.tsx';
import { Interactions } from './interactions.tsx';
import { Pareto } from './pareto.tsx';
import { RunsTable } from './runs-table.tsx';
import css from './sweep-page.module.css';

/** With the plotting library, which the answer does not need. */
const CurvesPanel = lazy(async () => ({ default: (await import('./curves-panel.tsx')).CurvesPanel }));

const ParallelPanel = lazy(async () => ({ default: (await import('./parallel-panel.tsx')).ParallelPanel }));

/** Configs for which lines show more than the table. */
const LEAST_LINES = 6;

/** Rows of an answer that the API sends unless asked for more, and at most. */
const DEFAULT_ROWS = 200;
const MOST_ROWS = '1000';

/** Sentences of the headline that are shown at once. */
const SHOWN = 4;

function Headline({ answer }: { answer: Answer }) {
  // That it is provisional stands beside the name.
  const [varied, result, ...rest] = answer.status === 'provisional' ? answer.headline.slice(1) : answer.headline;
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

/** Progress, and device time: used, to go, and how long that takes. */
function Strip({ answer, sweep }: { answer: Answer; sweep: SweepDetail }) {
  const { usefulSeconds, lostSeconds, medianSeconds, reusedRuns, reusedSeconds } = answer.cost;
  const { queued, running } = sweep.counts;
  const used = usefulSeconds + lostSeconds;
  const toGo = medianSeconds === null || sweep.state === 'cancelled' ? 0 : (queued + running / 2) * medianSeconds;
  const limit = sweep.budget.deviceHours;
  return (
    <div className={css.strip}>
      <div className={css.runs}>
        <RunsBar counts={sweep.counts} />
      </div>
      <span>
        {used === 0 ? 'No device time yet' : `Device time: ${duration(used)} used`}
        {toGo >= 1 && `, about ${duration(toGo)} to go`}
        {limit !== null && ` (budget ${duration(limit * 3600)})`}
        {lostSeconds >= 1 && `; ${duration(lostSeconds)} of it lost with interrupted attempts`}
        {reusedRuns > 0 && `; ${reusedRuns} runs reused, trained before in ${duration(reusedSeconds)}`}
      </span>
      {sweep.secondsLeft !== null && <span>Ends in about {duration(Math.max(1, sweep.secondsLeft))}</span>}
      <span>
        {sweep.state}, submitted <Time at={sweep.createdAt} /> by <bdi>{sweep.owner}</bdi>
      </span>
    </div>
  );
}

export default function SweepPage({ id }: { id: string }) {
  const [metric, split, baseline] = [useParameter('metric'), useParameter('split'), useParameter('baseline')];
  const rows = Number(useParameter('page') ?? 1) * PAGE_ROWS;
  const sorted = useParameter('sort') !== null;
  const parameters: AnswerParameters = {
    metric: metric ?? undefined,
    split: split ?? undefined,
    baseline: baseline ?? undefined,
    limit: rows >= DEFAULT_ROWS || sorted ? MOST_ROWS : undefined,
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
      {isRefused(answer.error) && answer.error && (
        <Failed error={answer.error} what="answer" retry={() => void answer.refetch()} />
      )}
      <Headline answer={answer.data} />
      <Strip answer={answer.data} sweep={sweep.data} />
      <Choices figure={answer.data} change={changeSearch} />
      <AnswerPanel answer={answer.data} />
      <p className={css.covers}>
        Mean ± standard deviation over seeds (number of seeds). Differences are paired by seed, ± half of the 95 %
        interval, {answer.data.covers}. A verdict of better or worse is beyond noise for the whole table at 5 %.
      </p>
      <Decisions sweep={sweep.data} />
      <Effects answer={answer.data} />
      <Interactions answer={answer.data} />
      <Pareto answer={answer.data} />
      <Suspense fallback={<Loading what="curves" />}>
        <CurvesPanel answer={answer.data} />
      </Suspense>
      {answer.data.configs >= LEAST_LINES && answer.data.axes.length > 1 && (
        <Suspense fallback={<Loading what="configs" />}>
          <ParallelPanel answer={answer.data} />
        </Suspense>
      )}
      <Failures answer={answer.data} />
      <RunsTable id={id} counts={sweep.data.counts} />
    </>
  );
}
