import type { ConfigComparison, RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { answerQuery, comparisonQuery } from '../../data/queries.ts';
import { axisName, axisValue } from '../../format/number.ts';
import { VerdictMark } from '../../plots/verdict-mark.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import { figuresOf } from '../sweep/figures.ts';
import css from './run-page.module.css';

/** Differences that are shown before those that the page for comparing has. */
const SHOWN = 6;

const valueText = (values: readonly unknown[] | undefined): string =>
  values === undefined || values.length === 0 ? 'absent' : values.map(axisValue).join(', ');

function Differences({ comparison }: { comparison: ConfigComparison }) {
  const differences = comparison.differences.filter(({ part }) => part === 'config');
  const [, row] = comparison.rows;
  const figures = figuresOf(comparison);
  const difference = row?.comparison?.difference;
  return (
    <>
      <ul>
        {differences.slice(0, SHOWN).map(({ path, values: [theirs, own] }) => (
          <li key={path}>
            <span title={path}>{axisName(path)}</span> <strong>{valueText(own)}</strong> instead of{' '}
            <bdi>{valueText(theirs)}</bdi>
          </li>
        ))}
        {differences.length > SHOWN && <li>and {differences.length - SHOWN} more</li>}
      </ul>
      {row?.comparison && (
        <p className={css.verdict}>
          Its config: <VerdictMark verdict={row.comparison.verdict} />
          {difference !== null && difference !== undefined && ` (${figures.difference(difference)} ${figures.unit})`}
        </p>
      )}
    </>
  );
}

/** In what a run's config differs from the baseline of its sweep, and what became of that. */
export function Baseline({ run }: { run: RunView }) {
  const { data: answer, isPending: asking } = useQuery(answerQuery(run.sweepId));
  const baseline = answer?.baseline;
  const configs = [baseline?.configId, run.configId].join(',');
  const { data: comparison, isPending } = useQuery({
    ...comparisonQuery(configs, {}),
    enabled: baseline !== undefined && baseline !== null && baseline.configId !== run.configId,
  });
  if (asking) return <p className={css.baseline}>Loading the baseline …</p>;
  if (!baseline || !answer) return null;
  const links = (
    <p className={css.links}>
      {run.state === 'succeeded' && <Link href={to.inside(run.id)}>Look inside</Link>}
      {run.state === 'succeeded' && <Link href={to.confusion({ run: run.id })}>Confusion matrix</Link>}
      {baseline.configId !== run.configId && <Link href={to.compare([baseline.configId, run.configId])}>Compare</Link>}
    </p>
  );
  return (
    <section className={css.baseline} aria-label="Difference from the baseline">
      {answer.configs < 2 ? (
        <p>The only config of its sweep.</p>
      ) : baseline.configId === run.configId ? (
        <p>This config is the baseline of its sweep.</p>
      ) : (
        <>
          <h2>
            Differs from the baseline, <bdi>{baseline.name}</bdi>
          </h2>
          {isPending && <p>Loading differences …</p>}
          {comparison && <Differences comparison={comparison} />}
        </>
      )}
      {links}
    </section>
  );
}
