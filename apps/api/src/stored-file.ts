/** Files of the database that never change: their tag is their hash. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

export const Bytes = z.unknown().meta({ type: 'string', format: 'binary' });
export const unchanged = z.null().describe('The file matches If-None-Match');

/** Hashes that the client has, of its If-None-Match. */
export const knownHashes = ({ headers }: Pick<FastifyRequest, 'headers'>): string[] =>
  (headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^(W\/)?"|"$/g, ''));

/** Send the file; 304 without `bytes`, which the client has. */
export function sendFile(
  reply: FastifyReply,
  type: string,
  { sha256, bytes }: { sha256: string; bytes: Buffer | null },
) {
  reply.header('etag', `"${sha256}"`).header('cache-control', 'private, max-age=31536000, immutable');
  return bytes === null ? reply.code(304).send(null) : reply.type(type).send(bytes);
}
