/** Every error that the API answers: its code, its status, its title. What goes out is problem+json, after RFC 9457. */
import type { Problem } from '@ablate/contracts';

const PROBLEMS = {
  malformed: { status: 400, title: 'The request cannot be read' },
  invalid_request: { status: 400, title: 'A parameter of the request is wrong' },
  invalid_spec: { status: 422, title: 'The spec cannot be run' },
  key_reused: { status: 422, title: 'The Idempotency-Key was used for another spec' },
  foreign_origin: { status: 403, title: 'Requests from other sites are refused' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  conflict: { status: 409, title: 'The state does not allow it' },
  gone: { status: 410, title: 'The file is gone' },
  too_large: { status: 413, title: 'The body is larger than 1 MB' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  internal: { status: 500, title: 'The server failed' },
  unavailable: { status: 503, title: 'A service that this needs does not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
export type FieldError = { pointer: string; detail: string };

/** An error with an answer of its own. */
export class ApiError extends Error {
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;

  constructor(code: ProblemCode, detail: string, errors?: FieldError[]) {
    super(detail);
    this.name = 'ApiError';
    this.code = code;
    this.errors = errors;
  }
}

/** The body of an answer. `detail` and `errors` are for whoever sent the request; never the inside of an error. */
export function problem(code: ProblemCode, instance: string, detail?: string, errors?: FieldError[]): Problem {
  const { status, title } = PROBLEMS[code];
  return {
    type: `urn:ablate:${code}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    instance,
    ...(errors === undefined ? {} : { errors }),
  };
}
