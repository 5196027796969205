import { InspectionView, InspectRequest, MAX_PICTURE_BYTES } from '@ablate/contracts';
import { DatasetError, pictureHeader } from '@ablate/data';
import type { Database } from '@ablate/db';
import { findInspection, inspectionResult, requestInspection } from '@ablate/sweeps';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod, ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { ApiError } from '../errors.ts';
import { Bytes, knownHashes, sendFile, unchanged } from '../stored-file.ts';
import { Id, problems } from './replies.ts';

const tags = ['runs'];

/** Largest side of a user's picture in pixels. */
const MAX_SIDE = 8192;
const FORMATS = ['PNG', 'JPEG'];

const Picture = z.instanceof(Buffer).meta({ type: 'string', format: 'binary' });

/** Refuses (`malformed`) what is no PNG or JPEG file of a bounded size. A worker decodes it. */
function checkPicture(bytes: Buffer): void {
  try {
    const { format, width, height } = pictureHeader(bytes, 'the picture');
    if (!FORMATS.includes(format)) throw new DatasetError(`the picture: a ${format}; send PNG or JPEG`);
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
      throw new DatasetError(`the picture: ${width} × ${height} pixels; sides must be between 1 and ${MAX_SIDE}`);
  } catch (error) {
    if (error instanceof DatasetError) throw new ApiError('malformed', error.message);
    throw error;
  }
}

const accepted = (reply: FastifyReply, inspection: InspectionView) =>
  reply.code(202).header('location', `/api/v1/inspections/${inspection.id}`).send(inspection);

export const inspectionRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);

    app.post('/runs/:id/inspect', {
      schema: {
        tags,
        summary: 'Ask for the attention of all tokens to all tokens, on the images of the run',
        description: 'A worker computes it from the best checkpoint. The same request gives the same inspection.',
        params: Id,
        body: InspectRequest,
        response: { 202: InspectionView, ...problems },
      },
      handler: async (request, reply) => {
        const { images } = request.body;
        const asked = { runId: request.params.id, ...(images ? { images } : {}) };
        return accepted(reply, await requestInspection(context(request), asked));
      },
    });

    await app.register(async (pictures) => {
      pictures.removeAllContentTypeParsers();
      const options = { parseAs: 'buffer', bodyLimit: MAX_PICTURE_BYTES } as const;
      pictures.addContentTypeParser(['image/png', 'image/jpeg'], options, async (_: unknown, body: Buffer) => body);
      pictures.addContentTypeParser('*', async () => {
        throw new ApiError('unsupported_media_type', 'send a picture as image/png or image/jpeg');
      });
      pictures.withTypeProvider<ZodTypeProvider>().post('/runs/:id/inspect/picture', {
        schema: {
          tags,
          summary: 'Ask what the model of a run looks at on a picture',
          description:
            'The picture is prepared as the run prepared its images. It is deleted when the inspection ends.',
          consumes: ['image/png', 'image/jpeg'],
          params: Id,
          body: Picture,
          response: { 202: InspectionView, ...problems },
        },
        handler: async (request, reply) => {
          checkPicture(request.body);
          const asked = { runId: request.params.id, picture: request.body };
          return accepted(reply, await requestInspection(context(request), asked));
        },
      });
    });

    app.get('/inspections/:id', {
      schema: { tags, summary: 'Get an inspection', params: Id, response: { 200: InspectionView, ...problems } },
      handler: async (request) => findInspection(context(request), request.params.id),
    });

    app.get('/inspections/:id/result', {
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Get the result of an inspection that is done, as safetensors; the ETag is its SHA-256',
        params: Id,
        response: {
          200: {
            description: 'The attention of all tokens; for a picture, also what `GET /runs/{id}/inside` has',
            content: { 'application/octet-stream': { schema: Bytes } },
          },
          304: unchanged,
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const wanted = { id: request.params.id, known: knownHashes(request) };
        return sendFile(reply, 'application/octet-stream', await inspectionResult(context(request), wanted));
      },
    });
  };
