/** The inner loops of resizing, in WebAssembly with SIMD: five times as fast as the same in JavaScript. */
import { readFileSync } from 'node:fs';

/** For each output: its first source index, how many source values it sums, and their weights, in rows of `most`. */
export type Taps = { first: Int32Array; count: Int32Array; weights: Int32Array; most: number };

/** Rows of RGB bytes in the module's memory: the first starts at byte `start`, each next one `stride` bytes later. */
export type Rows = { start: number; stride: number };

type Pass = (
  count: number,
  source: number,
  sourceStride: number,
  target: number,
  targetStride: number,
  outputs: number,
  first: number,
  counts: number,
  weights: number,
  most: number,
) => void;
/** The exports of resample.wat. */
type Exports = { memory: WebAssembly.Memory; across: Pass; down: Pass };

const PAGE_BYTES = 65_536;
/** Bytes after a buffer that a pass may read or write. */
const SLACK_BYTES = 16;

const tapsBytes = ({ first, weights }: Taps): number => 8 * first.length + 4 * weights.length;

let instance: Exports | undefined;

/** The module's functions with a memory of at least `bytes`. One instance per thread: a call leaves no state. */
export function resampler(bytes: number) {
  // resample.wasm, which a test compares with resample.wat, has these exports.
  instance ??= new WebAssembly.Instance(new WebAssembly.Module(readFileSync(new URL('resample.wasm', import.meta.url))))
    .exports as Exports;
  const { memory, across, down } = instance;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));

  const run = (pass: Pass, count: number, source: Rows, target: Rows, taps: Taps, at: number): void => {
    const outputs = taps.first.length;
    const [counts, weights] = [at + 4 * outputs, at + 8 * outputs];
    new Int32Array(memory.buffer, at, outputs).set(taps.first);
    new Int32Array(memory.buffer, counts, outputs).set(taps.count);
    new Int32Array(memory.buffer, weights, taps.weights.length).set(taps.weights);
    pass(count, source.start, source.stride, target.start, target.stride, outputs, at, counts, weights, taps.most);
  };
  return {
    bytes: new Uint8Array(memory.buffer),
    /** Resize each of `count` rows to one pixel per output; taps are written at byte `at`. */
    across: (count: number, source: Rows, target: Rows, taps: Taps, at: number) =>
      run(across, count, source, target, taps, at),
    /** Resize columns: one row of `bytes` per output. */
    down: (bytes: number, source: Rows, target: Rows, taps: Taps, at: number) =>
      run(down, bytes, source, target, taps, at),
  };
}

/** Offsets of buffers of these lengths, and of the taps after them. */
export function layout(lengths: readonly number[], taps: readonly (Taps | null)[]) {
  const starts: number[] = [];
  let end = 0;
  for (const length of lengths) {
    starts.push(end);
    end += Math.ceil((length + SLACK_BYTES) / 16) * 16;
  }
  const largest = Math.max(0, ...taps.map((pass) => (pass ? tapsBytes(pass) : 0)));
  return { starts, taps: end, bytes: end + largest };
}
