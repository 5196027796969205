import type { Answer } from '@ablate/contracts';
import { count } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import css from './failures.module.css';
import { failuresStatement } from './statements.ts';

/** Runs without a result, by cause, each with one of their messages. */
function Causes({ answer }: { answer: Answer }) {
  if (answer.failures.length === 0) return null;
  const all = answer.failures.reduce((sum, { runs }) => sum + runs, 0);
  return (
    <Panel
      title="Runs without a result"
      anchor="failures"
      file={`failures-${answer.sweep.id.slice(0, 8)}`}
      picture={null}
      table={({ failures }) => failures(answer)}
      sql={failuresStatement(answer)}
    >
      <Scroll label="Runs without a result" className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">cause</th>
              <th scope="col" colSpan={2}>
                runs
              </th>
              <th scope="col">a message</th>
            </tr>
          </thead>
          <tbody>
            {answer.failures.map(({ state, cause, runs, message }) => (
              <tr key={`${state} ${cause} ${message}`}>
                <th scope="row" data-state={state}>
                  {state}
                  {cause && cause !== state && `: ${cause.replaceAll('_', ' ')}`}
                </th>
                <td className={css.number}>{count(runs)}</td>
                <td>
                  <svg className={css.bar} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={(100 * runs) / all} height="8" />
                  </svg>
                </td>
                <td className={css.message}>
                  <bdi>{message ?? ''}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

/** Why runs have no result, and what runs noted. */
export function Failures({ answer }: { answer: Answer }) {
  return (
    <>
      <Causes answer={answer} />
      {answer.notes.length > 0 && (
        <section className={css.notes}>
          <h2>Notes of the runs</h2>
          <ul>
            {answer.notes.map((note) => (
              <li key={note}>
                <bdi>{note}</bdi>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
