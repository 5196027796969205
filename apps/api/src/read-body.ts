/** Parses the JSON of request bodies strictly. */
import { pointerComplaints, readJson } from '@ablate/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './errors.ts';

/** Bytes of a body, unless a route has a limit of its own. */
export const MAX_BODY_BYTES = 100_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body. A character that was replaced in silence would change a name. */
function bodyText(body: Buffer, encoding: string | undefined): string {
  if (encoding !== undefined && encoding !== 'identity')
    throw new ApiError(
      'unsupported_media_type',
      `Content-Encoding ${encoding} is not supported: send the body as it is`,
    );
  try {
    return utf8.decode(body);
  } catch {
    throw new ApiError('malformed', 'the body is not UTF-8');
  }
}

/** The server reads JSON with `readJson`, and no other content type. */
export function readStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const read = readJson(bodyText(body, request.headers['content-encoding']));
    if ('malformed' in read) throw new ApiError('malformed', `the body is not valid JSON: ${read.malformed}`);
    if ('complaints' in read)
      throw new ApiError('invalid_body', 'invalid JSON value', pointerComplaints(read.complaints));
    return read.value;
  });
}

/** Within `app`, a JSON body stays text: the route reads it elsewhere. */
export function keepJsonText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    bodyText(body, request.headers['content-encoding']),
  );
}
