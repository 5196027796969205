import type { Answer } from '@ablate/contracts';
import { plural } from '../../format/number.ts';
import css from './failures.module.css';

/** Runs without a result, by cause, each with one of their messages; and what the runs noted. */
export function Failures({ answer }: { answer: Answer }) {
  if (answer.failures.length === 0 && answer.notes.length === 0) return null;
  return (
    <section className={css.panel}>
      {answer.failures.length > 0 && (
        <>
          <h2>Runs without a result</h2>
          <ul className={css.list}>
            {answer.failures.map(({ state, cause, runs, message }) => (
              <li key={`${state} ${cause} ${message}`}>
                <strong>
                  {plural(runs, 'run')} {state}
                  {cause && cause !== state && ` (${cause.replaceAll('_', ' ')})`}
                </strong>
                {message && (
                  <>
                    {': '}
                    <bdi>{message}</bdi>
                  </>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {answer.notes.length > 0 && (
        <>
          <h2>Notes of the runs</h2>
          <ul className={css.list}>
            {answer.notes.map((note) => (
              <li key={note}>
                <bdi>{note}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
