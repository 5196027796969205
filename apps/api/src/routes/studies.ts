import { page, ScaleName, StudyView, SweepView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { bestReading, listStudies, readStudies, reportFiles, type Study, type StudySummary } from '@ablate/studies';
import { importStudy, newestSweeps } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { ApiError } from '../errors.ts';
import { problems } from './replies.ts';

const tags = ['studies'];
const Name = z.strictObject({ name: z.string().max(64) });
const Scale = z.strictObject({ scale: ScaleName.optional().describe('Default: the largest that has results') });
const Html = z.unknown().meta({ type: 'string' });

/** The folder is read again at most so often: a study that ran in the meantime shows its answer. */
const FRESH_MS = 10_000;

/** A report has its own style and its pictures; it loads and runs nothing. */
const REPORT_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** A function whose result is kept for a while. */
function remembering<T>(read: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  let since = 0;
  return () => {
    if (kept === undefined || performance.now() - since > FRESH_MS) {
      since = performance.now();
      kept = read();
    }
    return kept;
  };
}

/** Refuses (`not_found`) a name that no study has. */
async function findStudy(name: string): Promise<Study> {
  const study = (await readStudies()).find((one) => one.name === name);
  if (study === undefined) throw new ApiError('not_found', `unknown study ${name.slice(0, 64)}`);
  return study;
}

export const studyRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    const summaries = remembering((): Promise<StudySummary[]> => listStudies());

    app.get('/studies', {
      schema: {
        tags,
        summary: 'List the studies with their questions, answers and sweeps',
        response: { 200: page(StudyView), ...problems },
      },
      handler: async (request) => {
        const studies = await summaries();
        const sweeps = await newestSweeps(
          context(request),
          studies.flatMap(({ sweepNames }) => sweepNames),
        );
        const byName = new Map(sweeps.map((sweep) => [sweep.name, sweep]));
        return {
          items: studies.map(({ sweepNames, ...study }) => ({
            ...study,
            sweeps: sweepNames.flatMap((name) => byName.get(name) ?? []),
          })),
          nextCursor: null,
        };
      },
    });

    app.post('/studies/:name/import', {
      schema: {
        tags,
        summary:
          'Import the stored results of a study as finished sweeps, whose notes say so; repeated, the same sweeps',
        params: Name,
        querystring: z.strictObject({ scale: ScaleName }),
        response: { 201: page(SweepView), ...problems },
      },
      handler: async (request, reply) => {
        const study = await findStudy(request.params.name);
        const items = await importStudy(context(request), { study, scale: request.query.scale });
        return reply.code(201).send({ items, nextCursor: null });
      },
    });

    app.get('/studies/:name/report', {
      schema: {
        tags,
        summary: 'The report of a study from its stored results, as one HTML page',
        params: Name,
        querystring: Scale,
        response: { 200: { description: 'The page', content: { 'text/html': { schema: Html } } }, ...problems },
      },
      handler: async (request, reply) => {
        const { name } = request.params;
        const study = await findStudy(name);
        const scale = request.query.scale ?? (await bestReading(study))?.scale;
        const report = scale === undefined ? null : await reportFiles(study, scale);
        if (report === null)
          throw new ApiError('not_found', `study ${name} has no stored results${scale ? ` at scale ${scale}` : ''}`);
        return reply.headers(REPORT_HEADERS).type('text/html; charset=utf-8').send(report.html);
      },
    });
  };
