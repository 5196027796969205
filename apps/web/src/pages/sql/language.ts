/** PostgreSQL with the names of the views and their columns; the comments of the database explain them. */
import type { Completion } from '@codemirror/autocomplete';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import type { SchemaColumn } from '../../data/queries.ts';

export function sqlLanguage(columns: readonly SchemaColumn[]) {
  const views = new Map<string, Completion[]>();
  for (const { view, column, type, comment } of columns)
    views.set(view, [...(views.get(view) ?? []), { label: column, type: 'property', detail: type, info: comment }]);
  return sql({ dialect: PostgreSQL, schema: Object.fromEntries(views), upperCaseKeywords: false });
}
