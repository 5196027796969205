/** Newer Node versions dropped two functions of `util` that tfjs-node 4.22 still calls; put back what is missing. */
import util from 'node:util';

const missing = {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
};
for (const [name, value] of Object.entries(missing))
  if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true });
