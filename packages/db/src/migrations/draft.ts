/** The process of `npm run db:migration -- name`. */
import { z } from 'zod';
import { draftMigration } from './draft-migration.ts';

const Name = z.string('missing name: npm run db:migration -- add_notes').regex(/^[a-z][a-z0-9_]{0,60}$/, {
  error: 'invalid name: use lower-case letters, digits and "_", starting with a letter',
});
const Env = z.object({
  DATABASE_URL: z.url(
    'missing or invalid DATABASE_URL: name a PostgreSQL server on which a scratch database may be created',
  ),
});

const name = Name.safeParse(process.argv[2]);
const env = Env.safeParse(process.env);
if (name.success && env.success) {
  const file = await draftMigration(env.data.DATABASE_URL, name.data);
  console.log(file === null ? 'schema.prisma and the migrations match: nothing to draft' : `Drafted ${file}`);
} else {
  for (const issue of [...(name.error?.issues ?? []), ...(env.error?.issues ?? [])]) console.error(issue.message);
  process.exitCode = 1;
}
