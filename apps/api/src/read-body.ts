/** Parses the JSON of request bodies strictly. */
import { pointerComplaints, readJson } from '@ablate/contracts';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.ts';

/** Bytes of a body, unless a route has a limit of its own. */
export const MAX_BODY_BYTES = 100_000;

/** The server reads JSON with `readJson`, and no other content type. */
export function readStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: unknown, body: string) => {
    const read = readJson(body);
    if ('malformed' in read) throw new ApiError('malformed', `the body is not valid JSON: ${read.malformed}`);
    if ('complaints' in read)
      throw new ApiError('invalid_spec', 'invalid JSON value', pointerComplaints(read.complaints));
    return read.value;
  });
}

/** Within `app`, a JSON body stays text: the route reads it elsewhere. */
export function keepJsonText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: unknown, body: string) => body);
}
