/** Keyset pagination: an opaque cursor holds the key of a page's last item. */
import { z } from 'zod';
import { refusal } from './refusal.ts';

/** The number of items, and the cursor of the page before. */
export type PageRequest = { limit: number; cursor?: string };
export type Page<T> = { items: T[]; nextCursor: string | null };

const encode = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** The key in a cursor. Refuses (`bad_cursor`) a cursor that does not match the list's key. */
export function readCursor<T extends z.ZodType>(cursor: string | undefined, schema: T): z.infer<T> | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const parsed = z
    .string()
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json);
      } catch (error) {
        context.addIssue({ code: 'custom', message: String(error) });
        return z.NEVER;
      }
    })
    .pipe(schema)
    .safeParse(text);
  if (!parsed.success) throw refusal.invalidCursor();
  return parsed.data;
}

/** A page of at most `limit` items from `limit` + 1 rows; the extra row means that there is a next page. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => unknown,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encode(keyOf(last)) : null;
  return { items: shown.map(view), nextCursor };
}
