/** How a call of the API fails. Each is a UserError: its message is complete without a stack. */
import { type Problem, UserError } from '@ablate/contracts';

/** The API does not respond, or a gateway in front of it answers 502, 503 or 504. A retry may succeed. */
export class Unreachable extends UserError {
  constructor(message: string) {
    super(message, 'unreachable');
    this.name = 'Unreachable';
  }
}

/** The API rejected the request. `status` is the HTTP status code. */
export class Refused extends UserError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message, status === 400 || status === 422 ? 'usage' : 'failed');
    this.name = 'Refused';
    this.status = status;
  }
}

/** An RFC 9457 problem as text: one line, then one line for each invalid field. */
export function describeProblem({ title, detail, errors = [] }: Problem): string {
  const fields = errors.map((field) => `  ${field.pointer || '(root)'}: ${field.detail}`);
  return [detail ? `${title}: ${detail}` : title, ...fields].join('\n');
}
