import type { z } from 'zod';

/** Parse environment variables. An empty one is not set, as in docker-compose's `${NAME:-}`. Throws naming each that is missing or wrong. */
export function parseVariables<T extends z.ZodType>(schema: T, variables: NodeJS.ProcessEnv): z.infer<T> {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')));
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the environment cannot be used: ${complaints.join('; ')}`);
}
