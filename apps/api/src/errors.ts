/** Every error of the API: its code, status and title. Responses are problem+json (RFC 9457). */
import type { PointerComplaint, Problem } from '@ablate/contracts';

const PROBLEMS = {
  malformed: { status: 400, title: 'Malformed request' },
  invalid_request: { status: 400, title: 'Invalid parameter' },
  invalid_spec: { status: 422, title: 'Invalid spec' },
  invalid_body: { status: 422, title: 'Invalid request body' },
  invalid_sql: { status: 422, title: 'Invalid SQL' },
  sql_timeout: { status: 422, title: 'SQL statement took too long' },
  busy: { status: 429, title: 'Too many requests at once' },
  key_reused: { status: 422, title: 'Idempotency-Key reused with a different request' },
  foreign_origin: { status: 403, title: 'Cross-origin request refused' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict with the current state' },
  gone: { status: 410, title: 'The file was deleted' },
  too_large: { status: 413, title: 'Request body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported content type' },
  internal: { status: 500, title: 'Internal server error' },
  unavailable: { status: 503, title: 'A required service is unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error that a route answers with a problem. */
export class ApiError extends Error {
  readonly code: ProblemCode;
  readonly errors: PointerComplaint[] | undefined;

  constructor(code: ProblemCode, detail: string, errors?: PointerComplaint[]) {
    super(detail);
    this.name = 'ApiError';
    this.code = code;
    this.errors = errors;
  }
}

/** The body of a problem response. `detail` and `errors` are for the client and never expose an internal error. */
export function problem(code: ProblemCode, instance: string, detail?: string, errors?: PointerComplaint[]): Problem {
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
