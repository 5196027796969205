/** Keyset cursors: where a page ended, in a text that callers hand back unread. */
import { z } from 'zod';
import { Refusal } from './refusal.ts';

/** Items asked for, and where the page before ended. */
export type PageRequest = { limit: number; cursor?: string };
export type Page<T> = { items: T[]; nextCursor: string | null };

const encode = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** Read a cursor back; one that no page gave out is refused. */
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
  if (!parsed.success) throw new Refusal('bad_cursor', 'the cursor is none that a page of this list gave out');
  return parsed.data;
}

/** Cut `limit` + 1 rows down to a page; the surplus row tells that there is another. */
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
