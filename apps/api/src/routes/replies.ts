/** Parts that the schemas of several routes share. */
import { Problem } from '@ablate/contracts';
import { z } from 'zod';

const problemReply = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

/** What every route may answer instead. */
export const problems = {
  '4xx': problemReply('The request is refused: which field, and why'),
  '5xx': problemReply('The server, or a service that it needs, failed'),
};

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Items of one page at most'),
  cursor: z.string().max(1000).optional().describe('`nextCursor` of the page before'),
});

export const Id = z.strictObject({ id: z.uuid() });
