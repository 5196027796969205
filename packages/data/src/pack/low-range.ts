/** Warns of images whose 16-bit values use fewer bits, as those of 12-bit cameras and scanners. */
import type { PackRecord } from './partial-pack.ts';

/** The usual depths of sensors are 10, 12 and 14 bits; values below this may be dark images. */
const MOST_BITS = 14;

/** A note if no image uses the high bits: the high byte of each value is packed, so values of 12 bits become nearly black. */
export function lowRangeNote(records: readonly PackRecord[]): string[] {
  const deep = records.flatMap((record) => ('broken' in record || record.bitsUsed === undefined ? [] : [record]));
  const bits = deep.reduce((most, { bitsUsed = 0 }) => Math.max(most, bitsUsed), 0);
  if (deep.length === 0 || bits > MOST_BITS) return [];
  const dark = 2 ** (16 - bits);
  return [
    `the ${deep.length} images with 16 bits per channel, for example ${deep[0]?.order}, use ${bits} bits only: they are packed ${dark} times too dark; multiply their values by ${dark}`,
  ];
}
