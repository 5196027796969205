import type { RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { logQuery } from '../../data/queries.ts';
import { count, plural } from '../../format/number.ts';
import { Moment } from '../../format/time.tsx';
import { saveText } from '../../parts/download.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { useSearch } from '../../router/location.ts';
import css from './run-log.module.css';

/** Pixels from the end within which the log follows what is printed. */
const AT_END = 24;

/** What the trainer printed. It grows while the attempt runs, and follows its end unless the reader has scrolled up. */
export function RunLog({ run }: { run: RunView }) {
  const [search, change] = useSearch();
  const asked = Number(search.get('attempt')) || undefined;
  const attempt = asked ?? run.attempt;
  const live = run.state === 'running' && attempt === run.attempt;
  const { data: log, error, refetch } = useQuery({ ...logQuery(run.id, asked, live), enabled: run.attempt > 0 });
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  const lines = log?.lines ?? [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: after new lines are drawn
  useEffect(() => {
    const box = list.current?.parentElement;
    if (!box) return;
    const note = () => {
      follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END;
    };
    if (follows.current) box.scrollTop = box.scrollHeight;
    box.addEventListener('scroll', note);
    return () => box.removeEventListener('scroll', note);
  }, [lines.length, attempt]);
  if (run.attempt === 0) return null;
  const attempts = Array.from({ length: run.attempt }, (_, i) => i + 1);
  return (
    <section className={css.section} aria-labelledby="log">
      <div className={css.head}>
        <h2 id="log">Log of the trainer</h2>
        {attempts.length > 1 && (
          <label>
            Attempt{' '}
            <select
              value={attempt}
              onChange={({ target }) =>
                change({ attempt: Number(target.value) === run.attempt ? undefined : target.value }, { replace: true })
              }
            >
              {attempts.map((number) => (
                <option key={number}>{number}</option>
              ))}
            </select>
          </label>
        )}
        {lines.length > 0 && (
          <button
            type="button"
            onClick={() =>
              saveText(
                `log-${run.id.slice(0, 8)}-${attempt}.txt`,
                lines.map(({ at, text }) => `${at} ${text}\n`).join(''),
                'text/plain',
              )
            }
          >
            Download
          </button>
        )}
      </div>
      {error && <Failed error={error} what="log" retry={() => void refetch()} />}
      {!log && !error && <Loading what="the log" />}
      {log && lines.length === 0 && (
        <p className={css.quiet}>{live ? 'Nothing is printed yet.' : 'No log of this attempt is kept.'}</p>
      )}
      {log && log.dropped > 0 && (
        <p className={css.quiet}>
          {plural(log.dropped, 'earlier line')} {log.dropped === 1 ? 'is' : 'are'} not kept: these are the last{' '}
          {count(lines.length)}.
        </p>
      )}
      {lines.length > 0 && (
        <Scroll label="Lines of the log" className={css.log}>
          <ol ref={list}>
            {lines.map(({ at, text }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the number of a line is what identifies it
              <li key={(log?.dropped ?? 0) + i}>
                <Moment at={at} /> <bdi>{text}</bdi>
              </li>
            ))}
          </ol>
        </Scroll>
      )}
    </section>
  );
}
