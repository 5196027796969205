/** The inner loops of resizing, in WebAssembly with SIMD: five times as fast as the same in JavaScript. */
import { readFileSync } from 'node:fs';

/** For each place of the result: where it begins in the source, how many values it takes, and their weights, `most` places apart. */
export type Taps = { first: Int32Array; count: Int32Array; weights: Int32Array; most: number };

/** Rows of RGB bytes in the memory of the module: the first begins at `start`, the next `stride` bytes on. */
export type Rows = { start: number; stride: number };

type Pass = (
  count: number,
  source: number,
  sourceStride: number,
  target: number,
  targetStride: number,
  places: number,
  first: number,
  counts: number,
  weights: number,
  most: number,
) => void;
/** What resample.wat exports. */
type Exports = { memory: WebAssembly.Memory; across: Pass; down: Pass };

const PAGE_BYTES = 65_536;
/** Bytes behind a buffer that a pass may touch. */
export const SLACK_BYTES = 16;

const tapsBytes = ({ first, weights }: Taps): number => 8 * first.length + 4 * weights.length;

let instance: Exports | undefined;

/** The module's functions over a memory of at least `bytes`. One for the whole thread: nothing that it holds outlives a call. */
export function resampler(bytes: number) {
  // Its types are those of the module beside this file.
  instance ??= new WebAssembly.Instance(new WebAssembly.Module(readFileSync(new URL('resample.wasm', import.meta.url))))
    .exports as Exports;
  const { memory, across, down } = instance;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));

  const run = (pass: Pass, count: number, source: Rows, target: Rows, taps: Taps, at: number): void => {
    const places = taps.first.length;
    const [counts, weights] = [at + 4 * places, at + 8 * places];
    new Int32Array(memory.buffer, at, places).set(taps.first);
    new Int32Array(memory.buffer, counts, places).set(taps.count);
    new Int32Array(memory.buffer, weights, taps.weights.length).set(taps.weights);
    pass(count, source.start, source.stride, target.start, target.stride, places, at, counts, weights, taps.most);
  };
  return {
    bytes: new Uint8Array(memory.buffer),
    /** Across: each of `count` rows becomes one of as many pixels as there are taps, which are put at `at`. */
    across: (count: number, source: Rows, target: Rows, taps: Taps, at: number) =>
      run(across, count, source, target, taps, at),
    /** Down: as many rows as there are taps, each of `bytes`. */
    down: (bytes: number, source: Rows, target: Rows, taps: Taps, at: number) =>
      run(down, bytes, source, target, taps, at),
  };
}

/** Where buffers of these lengths stand, one behind the other, and where taps may stand behind them. */
export function layout(lengths: readonly number[], taps: readonly (Taps | null)[]) {
  const starts: number[] = [];
  let end = 0;
  for (const length of lengths) {
    starts.push(end);
    end += Math.ceil((length + SLACK_BYTES) / 16) * 16;
  }
  const largest = Math.max(0, ...taps.map((one) => (one ? tapsBytes(one) : 0)));
  return { starts, taps: end, bytes: end + largest };
}
