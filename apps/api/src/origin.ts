/** Keeps other web sites from calling the API through a user's browser, since the API has no authentication. */
import { networkInterfaces } from 'node:os';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { problem } from './errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(nameOf(host));

/** A host name in its one form: lower case, without brackets and without the final dot of DNS. */
const nameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/** Whether an address is one of this machine. Read anew each time: a laptop changes networks. */
const isOwnAddress = (name: string): boolean =>
  Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address.toLowerCase().split('%', 1)[0] === name),
  );

const parseOrigin = (origin: string): URL | null => (URL.canParse(origin) ? new URL(origin) : null);

/**
 * Refuses requests to a host name that is not this server's (DNS rebinding), and requests from a page of another origin.
 * Its host names are the loopback names, the addresses of this machine, and `allowedHosts`; pages of `allowedHosts` may call
 * it through a proxy that changes the Host header. Applies to every route, also those of plug-ins.
 */
export function refuseForeignOrigins(
  app: FastifyInstance,
  { allowedHosts }: { allowedHosts: readonly string[] },
): void {
  const allowed = new Set(allowedHosts.map(nameOf));
  const isOurs = (host: string): boolean => {
    const name = nameOf(host);
    return LOOPBACK.test(name) || allowed.has(name) || isOwnAddress(name);
  };
  // Sent here, not thrown: a plug-in with an error handler of its own would answer 500.
  const refuse = (reply: FastifyReply, detail: string): FastifyReply => {
    const body = problem('foreign_origin', reply.request.url, detail);
    return reply.code(body.status).type('application/problem+json').send(body);
  };

  app.addHook('onRequest', async (request, reply) => {
    if (!isOurs(request.hostname))
      return refuse(
        reply,
        `the request is addressed to "${request.hostname}", which is no name of this server: use localhost, an address of ` +
          'this machine, or a name in ABLATE_ALLOWED_HOSTS',
      );
    const { origin } = request.headers;
    if (origin === undefined) return;
    const from = parseOrigin(origin);
    if (from?.host !== request.host && !(from && allowed.has(nameOf(from.hostname))))
      return refuse(reply, `the request comes from a page of "${origin}"`);
  });
}
