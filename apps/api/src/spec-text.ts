/** The body of `POST /sweeps`: text, which is parsed in a thread. The API page describes what it holds. */
import { Spec } from '@ablate/contracts';
import { z } from 'zod';

export const SpecText = z
  .string('must be a JSON object, sent as application/json')
  .meta(z.toJSONSchema(Spec, { io: 'input' }));
