import { CellImages, ConfusionView, PredictedSplit } from '@ablate/contracts';
import { openSprites, SPRITE_COLUMNS } from '@ablate/data';
import type { Database } from '@ablate/db';
import { cellImages, confusion, runDataset } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { clientLeft } from '../client-left.ts';
import { answeredUnchanged, entityTag } from '../entity-tag.ts';
import { ApiError } from '../errors.ts';
import type { AugmentationOptions } from './augmentations.ts';
import { Id, problems } from './replies.ts';

const tags = ['answers'];

/** Images of a sprite, and of a page of a cell. */
const MOST_IMAGES = 64;

const subject = {
  run: z.uuid().optional().describe('Id of a run'),
  config: z.uuid().optional().describe('Id of a config, instead of a run: the sum over all of its seeds'),
  with: z.uuid().optional().describe('Id of the config on the other side'),
  split: PredictedSplit.default('test'),
};
const named = ({ run, config }: { run?: string | undefined; config?: string | undefined }): boolean =>
  (run === undefined) !== (config === undefined);
const ONE = { path: ['run'], error: 'give either run or config' };

const ConfusionQuery = z.strictObject(subject).refine(named, ONE);
const index = z.coerce.number().int().min(0).max(65_535);
const ImagesQuery = z
  .strictObject({
    ...subject,
    label: index.describe('Index of the true class'),
    predicted: index.describe('Index of the predicted class'),
    limit: z.coerce.number().int().min(1).max(MOST_IMAGES).default(MOST_IMAGES),
  })
  .refine(named, ONE);

const INDICES = new RegExp(`^\\d{1,9}(,\\d{1,9}){0,${MOST_IMAGES - 1}}$`);
const SpriteQuery = z.strictObject({
  split: PredictedSplit.default('test'),
  images: z
    .string()
    .regex(INDICES, `must be 1 to ${MOST_IMAGES} indices, separated by commas`)
    .describe(`Indices of at most ${MOST_IMAGES} images within their set, separated by commas`),
});
const Png = z.unknown().meta({ type: 'string', format: 'binary' });

/** Sprites that are drawn or wait. */
const MAX_WAITING = 16;

export const confusionRoutes =
  ({ db, data }: Pick<AugmentationOptions, 'db' | 'data'> & { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    const sprites = openSprites();
    app.addHook('preClose', () => sprites.close());
    let waiting = 0;

    app.get('/confusion', {
      schema: {
        tags,
        summary: 'Which classes are taken for which: by a run, by all seeds of a config, or by two configs',
        querystring: ConfusionQuery,
        response: { 200: ConfusionView, ...problems },
      },
      handler: async (request) => confusion(context(request), request.query),
    });

    app.get('/confusion/images', {
      schema: {
        tags,
        summary: 'The images of a cell of a confusion matrix, with what the runs said of each',
        querystring: ImagesQuery,
        response: { 200: CellImages, ...problems },
      },
      handler: async (request) => cellImages(context(request), request.query),
    });

    app.get('/runs/:id/images.png', {
      // A HEAD would draw the images for nothing.
      exposeHeadRoute: false,
      schema: {
        tags: ['runs'],
        summary: `Draw images of a run’s data set, ${SPRITE_COLUMNS} in a row`,
        description:
          'Drawn from the packed copy on the API’s machine. Without one, the answer is 404 with the command to pack it. Images larger than 128 pixels a side are reduced to that.',
        params: Id,
        querystring: SpriteQuery,
        response: {
          200: { description: 'A grid of equal tiles, row by row', content: { 'image/png': { schema: Png } } },
          304: z.null().describe('Unchanged'),
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const { dataset, hash } = await runDataset(context(request), request.params.id);
        const { split, images } = request.query;
        if (hash !== null && answeredUnchanged(request, reply, entityTag(hash, [split, images]))) return reply;
        if (waiting === MAX_WAITING)
          throw new ApiError('unavailable', 'too many pictures wait to be drawn: retry later');
        waiting++;
        try {
          const indices = images.split(',').map(Number);
          const drawn = await sprites.draw({ dataset, places: data, split, images: indices, hash }, clientLeft(reply));
          if ('absent' in drawn) {
            reply.removeHeader('etag').removeHeader('cache-control');
            throw new ApiError('not_found', drawn.absent);
          }
          return await reply.type('image/png').send(Buffer.from(drawn.png));
        } finally {
          waiting--;
        }
      },
    });
  };
