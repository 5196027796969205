import type { AttemptView, EventView, RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { attemptsQuery, eventsQuery } from '../../data/queries.ts';
import { count, duration } from '../../format/number.ts';
import { Moment } from '../../format/time.tsx';
import { SqlLink } from '../../parts/sql-link.tsx';
import { Loading } from '../../parts/states.tsx';
import css from './timeline.module.css';

const words = (text: string): string => text.replaceAll('_', ' ');

const seconds = ({ startedAt, endedAt }: AttemptView): number | null =>
  endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;

/** What an attempt adds to its events: from where it went on, and how long it took. */
function ofAttempt(attempt: AttemptView, state: string): string[] {
  const took = seconds(attempt);
  if (state === 'ended') return took === null ? [] : [`after ${duration(took)}`];
  return attempt.resumedFrom === null ? [] : [`resumed from step ${count(attempt.resumedFrom)}`];
}

type Tone = 'good' | 'bad' | 'busy' | 'quiet';

/** Causes that are not the fault of the run or of its machine. */
const HARMLESS = new Set(['completed', 'preempted', 'cancelled', 'superseded']);

function toneOf({ subject, state, cause }: EventView): Tone {
  if (state === 'failed' || (cause !== null && !HARMLESS.has(cause))) return 'bad';
  if (state === 'succeeded' || cause === 'completed') return 'good';
  return subject === 'attempt' || state === 'running' ? 'busy' : 'quiet';
}

function Line({ event, attempt }: { event: EventView; attempt: AttemptView | undefined }) {
  const { subject, state, cause, message } = event;
  const details = subject === 'attempt' && attempt ? ofAttempt(attempt, state) : [];
  const name = subject === 'attempt' ? `attempt ${event.attempt}` : subject;
  return (
    <li data-subject={subject} data-tone={toneOf(event)}>
      <Moment at={event.at} />
      <span>
        {name} <strong>{words(state)}</strong>
        {cause && cause !== state && `: ${words(cause)}`}
        {[...details, ...(message ? [message] : [])].map((detail) => (
          <span key={detail} className={css.detail}>
            {', '}
            <bdi>{detail}</bdi>
          </span>
        ))}
      </span>
    </li>
  );
}

/** Everything that happened to a run, in order: its states, and what each of its attempts did. */
export function Timeline({ run }: { run: RunView }) {
  const { data: events } = useQuery(eventsQuery(run.id));
  const { data: attempts } = useQuery(attemptsQuery(run.id));
  const byNumber = new Map(attempts?.map((attempt) => [attempt.number, attempt]));
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">What happened</h2>
      <SqlLink of="what happened" sql={`select * from events\nwhere run = '${run.id}'\norder by number`} />
      {!events && <Loading what="events" />}
      <ol className={css.timeline}>
        {events?.map((event) => (
          <Line key={event.number} event={event} attempt={byNumber.get(event.attempt ?? 0)} />
        ))}
      </ol>
    </section>
  );
}
