/** Short ids, as a user types them: the beginning or the end of a UUID. The ends differ most, since ids begin with the time. */
import { z } from 'zod';

export const ShortId = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f-]{4,36}$/, 'must be an id, or at least 4 characters of its beginning or its end');
