/** `npm run doctor`, `npm run sql -- …`: set-up, then the command line. */
import { orExplain, setUp } from './setup/set-up.mjs';

await orExplain(async () => {
  await setUp({ quiet: true });
  await import('../apps/cli/bin/ablate.mjs');
});
