/** What a verb refuses, and why; each door says it in its own words. */
export type RefusalCode = 'not_found' | 'conflict' | 'bad_cursor' | 'key_reused' | 'invalid_spec';
export type FieldError = { pointer: string; detail: string };

export class Refusal extends Error {
  readonly code: RefusalCode;
  /** What is wrong with which field, where fields are wrong. */
  readonly errors: FieldError[] | undefined;

  constructor(code: RefusalCode, message: string, errors?: FieldError[]) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.errors = errors;
  }
}

export const notFound = (what: 'sweep' | 'run' | 'checkpoint', id: string): Refusal =>
  new Refusal('not_found', `there is no ${what} ${id}`);
