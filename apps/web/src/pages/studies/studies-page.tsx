import type { StudyView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { studiesQuery } from '../../data/queries.ts';
import { Failed, isRefused, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './studies-page.module.css';

/** A question, its answer so far, and where to go from there. */
function Study({ study: { name, title, question, answer, scale, command, sweeps } }: { study: StudyView }) {
  return (
    <li className={css.study} id={name}>
      <h2 className={css.title}>{title}</h2>
      <p className={css.question}>{question}</p>
      <p className={css.answer} data-none={answer === null || undefined}>
        {answer ?? 'Not run yet.'}
      </p>
      <p className={css.links}>
        {answer !== null && (
          <a href={`/api/v1/studies/${name}/report`}>Report{scale === null ? '' : `, scale ${scale}`}</a>
        )}
        {sweeps.map((sweep) => (
          <Link key={sweep.id} href={to.sweep(sweep.id)}>
            <bdi>{sweep.name}</bdi>
          </Link>
        ))}
        <code className={css.command}>{command}</code>
      </p>
    </li>
  );
}

/** Questions of the field that come with Ablate, each with the answer that its stored results give. */
export default function StudiesPage() {
  const { data: studies, error, isPending, refetch } = useQuery(studiesQuery());
  useEffect(() => {
    document.title = 'Studies · Ablate';
  }, []);
  return (
    <>
      <h1>Studies</h1>
      <p className={css.lead}>
        Questions of the field, each with its sweeps, what the original reported, and a report that is remade from its
        results. The answers below are those of the results that come with Ablate, or of the last run on this machine.
      </p>
      {error && (!studies || isRefused(error)) && <Failed error={error} what="studies" retry={() => void refetch()} />}
      {isPending && <Loading what="the studies" />}
      {studies && (
        <ul className={css.list}>
          {studies.map((study) => (
            <Study key={study.name} study={study} />
          ))}
        </ul>
      )}
    </>
  );
}
