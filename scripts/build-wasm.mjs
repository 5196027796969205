/** `npm run build:wasm`: assembles each WebAssembly text file (.wat) into a .wasm file beside it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import wabt from 'wabt';

const SOURCES = ['packages/data/src/image/resample/resample.wat'];

/** The module's bytes. Throws with line and column if the text is invalid. */
export async function assemble(/** @type {string} */ file) {
  const features = { simd: true };
  const parsed = (await wabt()).parseWat(file, readFileSync(file, 'utf8'), features);
  try {
    parsed.resolveNames();
    parsed.validate();
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}

if (process.argv[1] === import.meta.filename)
  for (const source of SOURCES) {
    const file = resolve(import.meta.dirname, '..', source);
    writeFileSync(file.replace(/wat$/, 'wasm'), await assemble(file));
    console.log(source.replace(/wat$/, 'wasm'));
  }
