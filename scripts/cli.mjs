/** `npm run doctor`, `npm run sql -- …`: the command line, after the set-up. */
import { orExplain, setUp } from './setup/set-up.mjs';

await orExplain(async () => {
  await setUp({ quiet: true });
  await import('../apps/cli/bin/ablate.mjs');
});
