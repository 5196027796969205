import type { AttemptView, RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { attemptsQuery } from '../../data/queries.ts';
import { axisName, count } from '../../format/number.ts';
import { SqlLink } from '../../parts/sql-link.tsx';
import css from './run-page.module.css';

/** Characters of a hash that are enough to see whether two are the same. */
const HASH = 12;

const shown = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'string') return /^[0-9a-f]{40,}\+?$/.test(value) ? `${value.slice(0, HASH)} …` : value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** The facts of an attempt that has begun to train: where it ran, on which code and data. */
function factsOf(attempt: AttemptView): [string, unknown][] {
  const { environment, datasetHash, parameters, compiled, totalSteps, worker } = attempt;
  return [
    ['worker', worker],
    ...(typeof environment === 'object' && environment !== null ? Object.entries(environment) : []),
    ['data', datasetHash],
    ['parameters', parameters === null ? null : count(parameters)],
    ['steps', totalSteps === null ? null : count(totalSteps)],
    ['training', compiled === null ? null : compiled ? 'one compiled graph' : 'op by op'],
  ].flatMap(([name, value]): [string, unknown][] =>
    value === null || value === undefined ? [] : [[String(name), value]],
  );
}

/** What the newest attempt ran on, and what did not go as the spec asked. */
export function Environment({ run }: { run: RunView }) {
  const { data: attempts } = useQuery(attemptsQuery(run.id));
  const newest = attempts?.at(-1);
  return (
    <section aria-labelledby="environment">
      <h2 id="environment">Environment{newest && attempts && attempts.length > 1 && ` of attempt ${newest.number}`}</h2>
      <SqlLink of="attempts" sql={`select * from attempts\nwhere run = '${run.id}'\norder by attempt`} />
      {attempts && !newest && <p className={css.quiet}>No attempt has started.</p>}
      {newest && (
        <dl className={css.facts}>
          {factsOf(newest).map(([name, value]) => (
            <div key={name}>
              <dt>{axisName(name)}</dt>
              <dd title={typeof value === 'string' ? value : undefined}>
                <bdi>{shown(value)}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {run.notes.length > 0 && (
        <>
          <h3>Notes</h3>
          <ul className={css.notes}>
            {run.notes.map((note) => (
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
