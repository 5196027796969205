/** Regrets that were measured before, in a file of JSON lines: a bench that was cut off goes on. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const Kept = z.strictObject({ by: z.string(), search: z.string(), regret: z.number() });

/** One search: `by` names the program and its version. */
export type Kept = {
  find(by: string, search: object): number | undefined;
  add(by: string, search: object, regret: number): void;
};

/** Keeps nothing without a file. */
export function openKept(file: string | undefined): Kept {
  const lines = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const known = new Map(
    lines.filter(Boolean).map((line) => {
      const { by, search, regret } = Kept.parse(JSON.parse(line));
      return [`${by} ${search}`, regret];
    }),
  );
  return {
    find: (by, search) => known.get(`${by} ${JSON.stringify(search)}`),
    add(by, search, regret) {
      if (file !== undefined)
        appendFileSync(file, `${JSON.stringify({ by, search: JSON.stringify(search), regret })}\n`);
    },
  };
}
