/**
 * Makes a fresh clone ready to run: npm packages, TensorFlow, the add-on, the Prisma client, PostgreSQL. Steps that are
 * done are skipped, so it can be run again at any time. Imports modules of Node.js only: nothing is installed yet.
 */
import { HELP, parseOptions } from './setup/options.mjs';
import { orExplain, setUp } from './setup/set-up.mjs';

await orExplain(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options) await setUp(options);
  else console.log(HELP);
});
