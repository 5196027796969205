/** What went wrong: a request that was refused or a thing that is missing, wrong input, or a service that does not answer. */
export type UserErrorKind = 'failed' | 'usage' | 'unreachable';

/** An error that a user can act on: it is shown as its message alone, without a stack. */
export class UserError extends Error {
  readonly kind: UserErrorKind;

  constructor(message: string, kind: UserErrorKind = 'failed') {
    super(message);
    this.name = 'UserError';
    this.kind = kind;
  }
}
