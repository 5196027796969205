/** Serves the pages (apps/web), if they were built. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '@ablate/files';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const BUILT = join(REPOSITORY, 'apps', 'web', 'dist');

const NONCE = '%NONCE%';
const NONCE_BYTES = 16;

/** The paths of the pages: each is answered with the same document, whose script reads the address. */
const PATHS = [
  '/',
  '/sweeps/:id',
  '/runs/:id',
  '/runs/:id/inside',
  '/sweeps/:id/inside',
  '/compare',
  '/confusion',
  '/fleet',
  '/new',
  '/sql',
  '/studies',
];

/** Everything comes from this server. The editor adds a style sheet, which carries the nonce of the document. */
const policy = (nonce?: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    nonce === undefined ? "style-src 'self'" : `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const documentOf = (folder: string): string => join(folder, 'index.html');

/** Whether the pages are built. */
export const hasPages = (folder = BUILT): boolean => existsSync(documentOf(folder));

/** Without a build, `/` leads to the API's documentation. */
export async function servePages(app: FastifyInstance, folder = BUILT): Promise<void> {
  const document = documentOf(folder);
  if (!hasPages(folder)) {
    app.get('/', { schema: { hide: true } }, (_, reply) => reply.redirect('/docs'));
    return;
  }
  const send = async (_: unknown, reply: FastifyReply) => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    const html = await readFile(document, 'utf8'); // at each request: a new build is served without a restart
    return reply
      .headers(HEADERS)
      .header('content-security-policy', policy(nonce))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(html.replace(NONCE, nonce));
  };
  for (const path of PATHS) app.get(path, { schema: { hide: true } }, send);
  await app.register(staticFiles, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    preCompressed: true,
    setHeaders: (reply) => {
      reply.headers({
        ...HEADERS,
        'content-security-policy': policy(),
        'cache-control': 'public, max-age=31536000, immutable', // names have a hash of the content
      });
    },
  });
}
