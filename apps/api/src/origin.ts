/** Nobody signs in here, so no other web site may speak to the API through a visitor's browser. */
import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host) || host === '::1';

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);

/**
 * Refuse what changes something and comes from a page of another origin; and, where only this machine is listened to,
 * whatever was addressed to another name (DNS rebinding).
 */
export function refuseForeignOrigins(app: FastifyInstance, { loopbackOnly }: { loopbackOnly: boolean }): void {
  app.addHook('onRequest', async (request) => {
    if (loopbackOnly && !isLoopback(request.hostname))
      throw new ApiError('foreign_origin', `addressed to ${request.hostname}, and only this machine is served`);
    const { origin } = request.headers;
    if (origin !== undefined && !SAFE.has(request.method) && hostOf(origin) !== request.host)
      throw new ApiError('foreign_origin', `sent by a page of ${origin}`);
  });
}
