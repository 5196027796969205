import assert from 'node:assert/strict';
import test from 'node:test';
import { isUnavailable } from '../../apps/api/src/unavailable.ts';

const coded = (code: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { code });

/** Errors of PostgreSQL, its driver, Prisma and Redis when unavailable, and errors that mean a bug. */
const ERRORS: [string, unknown, boolean][] = [
  ['a refused connection', coded('ECONNREFUSED'), true],
  ['several refused connections', new AggregateError([coded('ECONNREFUSED')]), true],
  ['a server that shuts down', coded('57P01'), true],
  ['Prisma that cannot reach its server', coded('P1001'), true],
  ['a broken connection as a cause', new Error('query failed', { cause: coded('ECONNRESET') }), true],
  ['a pool whose connections are all taken', new Error('timeout exceeded when trying to connect'), true],
  ['a violated constraint', coded('23505'), false],
  ['a mistake', new TypeError('x is undefined'), false],
  ['what is no error', 'ECONNREFUSED', false],
];
for (const [name, error, expected] of ERRORS)
  test(`${name} is ${expected ? '' : 'not '}an unavailable service`, () =>
    assert.equal(isUnavailable(error), expected));
