/** The first image directory of TIFF, which Exif uses too (TIFF 6.0, section 2). */
import { latin1, viewOf } from './header.ts';

/** Bytes of one value, by the number of its type: SHORT, LONG, SSHORT, SLONG. Pillow takes no other type as a number. */
const VALUE_BYTES: Readonly<Record<number, 2 | 4>> = { 3: 2, 4: 4, 8: 2, 9: 4 };

/** The whole numbers of the first directory: the first value of each tag. What is cut off is missing. */
export function firstDirectory(tiff: Uint8Array): Map<number, number> {
  const values = new Map<number, number>();
  const order = latin1(tiff, 0, 4);
  if ((order !== 'II*\0' && order !== 'MM\0*') || tiff.length < 8) return values;
  const isLittle = order === 'II*\0';
  const view = viewOf(tiff);
  const start = view.getUint32(4, isLittle);
  const count = start + 2 <= tiff.length ? view.getUint16(start, isLittle) : 0;
  for (let at = start + 2, end = at + 12 * count; at < end && at + 12 <= tiff.length; at += 12) {
    const bytes = VALUE_BYTES[view.getUint16(at + 2, isLittle)];
    const length = view.getUint32(at + 4, isLittle);
    if (bytes === undefined || length === 0) continue;
    const from = bytes * length <= 4 ? at + 8 : view.getUint32(at + 8, isLittle);
    if (from + bytes > tiff.length) continue;
    const value = bytes === 2 ? view.getUint16(from, isLittle) : view.getUint32(from, isLittle);
    values.set(view.getUint16(at, isLittle), value);
  }
  return values;
}
