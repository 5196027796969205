/** Decodes each file, and prints the growth of this process's memory at its peak and the estimate, in bytes, for `hostile-images.test.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { decodeImage, decodingBytes } from '@ablate/data';

/** VmRSS (now) or VmHWM (at the peak since it was reset). */
const memory = (name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

for (const path of process.argv.slice(2)) {
  const file = readFileSync(path);
  globalThis.gc?.();
  writeFileSync('/proc/self/clear_refs', '5'); // resets VmHWM
  const before = memory('VmRSS');
  const { pixels } = await decodeImage(file, path, 16_384);
  const grown = memory('VmHWM') - before;
  console.log(JSON.stringify({ grown, pixels: pixels.length, estimate: decodingBytes(file) }));
}
