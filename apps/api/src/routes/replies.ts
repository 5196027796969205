/** Schemas that several routes share. */
import { Problem } from '@ablate/contracts';
import { z } from 'zod';

const problemReply = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

/** Error responses of every route. */
export const problems = {
  '4xx': problemReply('The request was refused; `errors` names the invalid fields'),
  '5xx': problemReply('The server, or a service that it needs, failed'),
};

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Maximum number of items per page'),
  cursor: z.string().max(1000).optional().describe('`nextCursor` of the previous page'),
});

export const Id = z.strictObject({ id: z.uuid() });
