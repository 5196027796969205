/** Loads the add-on in a process of its own, and prints the version of TensorFlow. Usage: node load-addon.cjs <tfjs-node-gpu folder> */
const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
const lib = join(process.argv[2] ?? '.', 'lib');
const file = readdirSync(lib)
  .map((napi) => join(lib, napi, 'tfjs_binding.node'))
  .find(existsSync);
if (!file) throw new Error(`no add-on in ${lib}`);
console.log(require(require('node:path').resolve(file)).TF_Version);
