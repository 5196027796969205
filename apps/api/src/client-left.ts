import type { FastifyReply } from 'fastify';

/** Aborts when the client closes the connection before it has the response. */
export function clientLeft(reply: FastifyReply): AbortSignal {
  const left = new AbortController();
  const { raw } = reply;
  raw.once('close', () => raw.writableFinished || left.abort());
  if (raw.destroyed) left.abort();
  return left.signal;
}
