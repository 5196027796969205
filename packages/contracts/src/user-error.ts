/** failed: a request was rejected, or something is missing; usage: invalid input; unreachable: a service does not respond. */
export type UserErrorKind = 'failed' | 'usage' | 'unreachable';

/** An error that a user can fix: it is printed as its message alone, without a stack. */
export class UserError extends Error {
  readonly kind: UserErrorKind;

  constructor(message: string, kind: UserErrorKind = 'failed') {
    super(message);
    this.name = 'UserError';
    this.kind = kind;
  }
}
