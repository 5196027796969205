import type { SchemaColumn } from '../../data/queries.ts';
import css from './sql-page.module.css';

/** The views with their columns and what those mean: the comments of the database. */
export function Schema({ columns, error }: { columns: readonly SchemaColumn[]; error: Error | null }) {
  const views = [...new Set(columns.map(({ view }) => view))];
  return (
    <nav className={css.schema} aria-label="Views and columns">
      <h2>Views</h2>
      {error && <p>{error.message}</p>}
      {views.map((view) => (
        <details key={view}>
          <summary>{view}</summary>
          <dl>
            {columns
              .filter((column) => column.view === view)
              .map(({ column, type, comment }) => (
                <div key={column}>
                  <dt>
                    <code>{column}</code> <span>{type}</span>
                  </dt>
                  <dd>{comment}</dd>
                </div>
              ))}
          </dl>
        </details>
      ))}
    </nav>
  );
}
