/** Chains of changes, and mixtures of chains. */
import type { CountedRandom } from '@ablate/random';
import type { Apply, Change } from './change.ts';

/** Append a change to a chain. */
export type Chain = (change: Change) => void;

/** Apply the changes that `draw` adds, in order. */
export function inTurn(size: number, draw: (chain: Chain, random: CountedRandom) => void): Apply {
  const run = runner(size);
  return (from, to, random) => run(from, to, (chain) => draw(chain, random));
}

/** Runs a chain, alternating between `to` and a buffer of its own; the result is in `to`. */
function runner(size: number) {
  const scratch = new Uint8Array(size * size * 3);
  return (from: Uint8Array, to: Uint8Array, draw: (chain: Chain) => void): void => {
    let current = from;
    draw((change) => {
      const target = current === to ? scratch : to;
      change(current, target);
      current = target;
    });
    if (current !== to) to.set(current);
  };
}

/**
 * Mixes `shares.length` chains with the image: original × image + Σ share × chain, truncated.
 * @returns a function that calls `draw` for each chain
 */
export function chainMixer(size: number) {
  const run = runner(size);
  const sum = new Float32Array(size * size * 3);
  return (
    from: Uint8Array,
    to: Uint8Array,
    { original, shares }: { original: number; shares: readonly number[] },
    draw: (chain: Chain) => void,
  ): void => {
    for (let at = 0; at < sum.length; at++) sum[at] = original * from[at]!;
    for (const share of shares) {
      run(from, to, draw);
      for (let at = 0; at < sum.length; at++) sum[at] = sum[at]! + share * to[at]!;
    }
    for (let at = 0; at < sum.length; at++) to[at] = Math.min(255, sum[at]! + 1e-3); // shares sum to 1 up to rounding: white stays white
  };
}
