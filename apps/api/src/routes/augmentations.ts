import { AugmentOp } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { findSweep, type SpecReader } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { augmentationsOf } from '../augmentations/sets.ts';
import { openSheets } from '../augmentations/sheets.ts';
import { contextOf } from '../caller.ts';
import { clientLeft } from '../client-left.ts';
import { Id, problems } from './replies.ts';

const tags = ['sweeps'];
const Png = z.unknown().meta({ type: 'string', format: 'binary' });
const SheetQuery = z.strictObject({
  images: z.coerce.number().int().min(1).max(32).default(10).describe('Columns: the first training images'),
  epochs: z.coerce
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Rows per set: the augmented images of the first epochs'),
});
const Sets = z.strictObject({
  dataset: z.string(),
  seed: z.int(),
  sets: z.array(
    z.strictObject({
      label: z.string().describe('The set as written in the spec'),
      hash: z.string().describe('Hash of the operations, independent of how they are written'),
      ops: z.array(AugmentOp).describe('The operations with all parameters, in order'),
    }),
  ),
});

export type AugmentationOptions = {
  db: Database;
  reader: SpecReader;
  /** Folders to search for data sets, and the folder of their packed copies. */
  data: { folders: readonly string[]; cache: string };
};

export const augmentationRoutes =
  ({ db, reader, data }: AugmentationOptions): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    const sheets = openSheets(data);
    app.addHook('preClose', async () => sheets.close());

    app.get('/sweeps/:id/augmentations', {
      schema: {
        tags,
        summary: 'List the augmentation sets of a sweep',
        params: Id,
        response: { 200: Sets, ...problems },
      },
      handler: async (request, reply) => {
        const sweep = await findSweep(context(request), request.params.id);
        const { sets, ...of } = await augmentationsOf(sweep, { reader, signal: clientLeft(reply) });
        return { ...of, sets: sets.map((set) => ({ ...set, ops: [...set.ops] })) };
      },
    });

    app.get('/sweeps/:id/augmentations.png', {
      // A HEAD would draw the sheet for nothing.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Draw a contact sheet: training images, and the same images under each augmentation set',
        params: Id,
        querystring: SheetQuery,
        response: {
          200: { description: 'The first row shows the original images', content: { 'image/png': { schema: Png } } },
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const sweep = await findSweep(context(request), request.params.id);
        const augmentations = await augmentationsOf(sweep, { reader, signal: clientLeft(reply) });
        const png = await sheets.draw({ ...augmentations, ...request.query });
        return reply.type('image/png').header('cache-control', 'private, max-age=3600').send(Buffer.from(png));
      },
    });
  };
