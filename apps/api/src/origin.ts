/** Keeps other web sites from calling the API through a user's browser, since the API has no authentication. */
import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host) || host === '::1';

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);

/**
 * Refuses requests with an unsafe method from a page of another origin and, if the server listens only on this machine,
 * requests to any other host name (DNS rebinding).
 */
export function refuseForeignOrigins(app: FastifyInstance, { loopbackOnly }: { loopbackOnly: boolean }): void {
  app.addHook('onRequest', async (request) => {
    if (loopbackOnly && !isLoopback(request.hostname))
      throw new ApiError(
        'foreign_origin',
        `the request is addressed to ${request.hostname}: this server accepts only localhost`,
      );
    const { origin } = request.headers;
    if (origin !== undefined && !SAFE.has(request.method) && hostOf(origin) !== request.host)
      throw new ApiError('foreign_origin', `the request comes from a page of ${origin}`);
  });
}
