import { UserError, type UserErrorKind } from '@ablate/contracts';

/** Why a statement is refused or fails: invalid (the statement), timeout, busy (try again), unavailable (no database or role). */
export type SqlProblem = 'invalid' | 'timeout' | 'busy' | 'unavailable';

const KINDS: Record<SqlProblem, UserErrorKind> = {
  invalid: 'failed',
  timeout: 'failed',
  busy: 'failed',
  unavailable: 'unreachable',
};

/** Thrown for a statement that is not run, or that fails. The message has the line of the statement with a mark below the position. */
export class SqlError extends UserError {
  readonly problem: SqlProblem;

  constructor(problem: SqlProblem, message: string) {
    super(message, KINDS[problem]);
    this.name = 'SqlError';
    this.problem = problem;
  }
}

/** Characters of a long line that are shown on each side of the position. */
const SIDE = 60;

/** `message`, the line of `sql` that holds the character at index `position`, a mark below it, and a hint. */
export function explain(message: string, sql: string, position: number | null, hint?: string): string {
  const lines = [message];
  if (position !== null && position >= 0 && position <= sql.length) {
    const start = sql.lastIndexOf('\n', position - 1) + 1;
    const [rest = ''] = sql.slice(position).split('\n');
    const [before, after] = [[...sql.slice(start, position)], [...rest]];
    const shown = before.length > SIDE ? ['…', ...before.slice(-SIDE)] : before;
    lines.push(`  ${shown.join('')}${after.slice(0, SIDE).join('')}${after.length > SIDE ? '…' : ''}`);
    lines.push(`  ${' '.repeat(shown.length)}^`);
  }
  if (hint) lines.push(`hint: ${hint}`);
  return lines.join('\n');
}

/** The index in `text` of its code point number `points`: PostgreSQL counts code points, JavaScript UTF-16 units. */
export const indexOfPoint = (text: string, points: number): number => [...text].slice(0, points).join('').length;
