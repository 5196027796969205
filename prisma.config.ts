import { defineConfig } from 'prisma/config';

/** For Prisma's own command line; Ablate itself generates and migrates through packages/db. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
