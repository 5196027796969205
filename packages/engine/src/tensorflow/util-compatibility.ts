/** Restores two functions of `util` that newer versions of Node dropped and tfjs-node 4.22 still calls. */
import util from 'node:util';

const missing = {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
};
for (const [name, value] of Object.entries(missing))
  if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true });
