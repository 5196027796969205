/** Entity tags (RFC 9110): a client that has the newest answer gets 304 without a body. */
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Another process may run another version, which computes other answers. */
const PROCESS = randomUUID();

/** The tag of what `stamp` and the parameters determine. */
export const entityTag = (stamp: string, parameters: unknown): string =>
  `"${createHash('sha256')
    .update(JSON.stringify([PROCESS, stamp, parameters]))
    .digest('base64url')
    .slice(0, 27)}"`;

/** Sets the tag, and answers 304 if the client has it. True if it answered. */
export function answeredUnchanged(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  reply.header('etag', tag).header('cache-control', 'no-cache');
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (!known.includes(tag) && !known.includes('*')) return false;
  reply.code(304).send();
  return true;
}
