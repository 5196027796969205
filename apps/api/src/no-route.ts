/** Answers 404 for an unknown path, and 405 with `Allow` for a known path with another method. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { problem } from './errors.ts';

const asPattern = (url: string): RegExp => {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:[^/]+/g, '[^/]+').replaceAll('*', '.*')}$`);
};

/** Records every route that is registered after this call, and answers requests that match none. */
export function answerNoRoute(app: FastifyInstance): void {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const route = routes.get(url) ?? { pattern: asPattern(url), methods: new Set() };
    for (const name of [method].flat()) route.methods.add(name);
    routes.set(url, route);
  });

  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    // A path of files matches also where there is no file.
    const isUnknown = allowed.length === 0 || allowed.includes(request.method);
    const code = isUnknown ? 'not_found' : 'method_not_allowed';
    const detail = isUnknown ? 'unknown path: see /docs' : `allowed: ${allowed.join(', ')}`;
    if (!isUnknown) reply.header('allow', allowed.join(', '));
    const body = problem(code, request.url, detail);
    return reply.code(body.status).type('application/problem+json').send(body);
  });
}
