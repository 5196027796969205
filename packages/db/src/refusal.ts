/** What a verb refuses, and why; each door says it in its own words. */
export type RefusalCode = 'not_found' | 'conflict' | 'bad_cursor' | 'key_reused';

export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}

export const notFound = (what: 'sweep' | 'run' | 'checkpoint', id: string): Refusal =>
  new Refusal('not_found', `there is no ${what} ${id}`);
