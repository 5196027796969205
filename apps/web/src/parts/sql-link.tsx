import { Link } from '../router/link.tsx';
import { to } from '../router/routes.ts';
import css from './sql-link.module.css';

/** The statement behind the numbers of a part of a page that has no other exports. `of` says which part. */
export function SqlLink({ sql, of }: { sql: string; of: string }) {
  return (
    <Link className={css.link} href={to.sql(sql)}>
      SQL for this<span className="visually-hidden">: {of}</span>
    </Link>
  );
}
