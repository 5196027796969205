import { AugmentOp } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { findSweep } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { augmentationsOf } from '../augmentations/sets.ts';
import { openSheets } from '../augmentations/sheets.ts';
import { contextOf } from '../caller.ts';
import { Id, problems } from './replies.ts';

const tags = ['sweeps'];
const Png = z.unknown().meta({ type: 'string', format: 'binary' });
const SheetQuery = z.strictObject({
  images: z.coerce.number().int().min(1).max(32).default(10).describe('Columns: training images, from the first'),
  epochs: z.coerce
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Rows of each set: the versions that its first epochs see'),
});
const Sets = z.strictObject({
  dataset: z.string(),
  seed: z.int(),
  sets: z.array(
    z.strictObject({
      label: z.string().describe('As the spec writes it'),
      hash: z.string().describe('Equal for every way of writing it'),
      ops: z.array(AugmentOp).describe('In full, in their order'),
    }),
  ),
});

export type AugmentationOptions = {
  db: Database;
  /** Where data sets are looked for, and where their packed copies are kept. */
  data: { folders: readonly string[]; cache: string };
};

export const augmentationRoutes =
  ({ db, data }: AugmentationOptions): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    const sheets = openSheets(data);
    app.addHook('preClose', async () => sheets.close());

    app.get('/sweeps/:id/augmentations', {
      schema: { tags, summary: 'The augmentation sets of a sweep', params: Id, response: { 200: Sets, ...problems } },
      handler: async (request) => {
        const { sets, ...of } = augmentationsOf(await findSweep(context(request), request.params.id));
        return { ...of, sets: sets.map((set) => ({ ...set, ops: [...set.ops] })) };
      },
    });

    app.get('/sweeps/:id/augmentations.png', {
      // A HEAD would draw the sheet to throw it away.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'A contact sheet: training images, and what each augmentation set of a sweep makes of them',
        params: Id,
        querystring: SheetQuery,
        response: {
          200: { description: 'Originals in the first row', content: { 'image/png': { schema: Png } } },
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const augmentations = augmentationsOf(await findSweep(context(request), request.params.id));
        const png = await sheets.draw({ ...augmentations, ...request.query });
        return reply.type('image/png').header('cache-control', 'private, max-age=3600').send(Buffer.from(png));
      },
    });
  };
