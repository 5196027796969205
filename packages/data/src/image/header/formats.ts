/** The formats of image files, told by their first bytes. */
import { bmpHeader } from './bmp.ts';
import { type Header, latin1, UnreadableImage } from './header.ts';
import { jpegHeader } from './jpeg.ts';
import { pngHeader } from './png.ts';
import { tiffHeader } from './tiff.ts';
import { webpHeader } from './webp.ts';

/** `start`: the file's first twelve bytes, one character each. */
type Format = { name: string; is: (start: string) => boolean; header: (bytes: Uint8Array) => Header };

const FORMATS: readonly Format[] = [
  { name: 'JPEG', is: (start) => start.startsWith('\xff\xd8\xff'), header: jpegHeader },
  { name: 'PNG', is: (start) => start.startsWith('\x89PNG\r\n\x1a\n'), header: pngHeader },
  { name: 'WebP', is: (start) => start.startsWith('RIFF') && start.endsWith('WEBP'), header: webpHeader },
  { name: 'TIFF', is: (start) => start.startsWith('II*\0') || start.startsWith('MM\0*'), header: tiffHeader },
  { name: 'BMP', is: (start) => start.startsWith('BM'), header: bmpHeader },
];
const NAMES = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(FORMATS.map(({ name }) => name));
const SIGNATURE_BYTES = 12;

const formatOf = (bytes: Uint8Array): Format | undefined => {
  const start = latin1(bytes, 0, SIGNATURE_BYTES);
  return FORMATS.find(({ is }) => is(start));
};

/** @throws UnreadableImage */
export function headerOf(bytes: Uint8Array): Header & { format: string } {
  if (bytes.length === 0) throw new UnreadableImage('is empty');
  const format = formatOf(bytes);
  if (!format) throw new UnreadableImage(`not a ${NAMES} file`);
  try {
    return { ...format.header(bytes), format: format.name };
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableImage(`damaged ${format.name}: its header is cut short`);
    throw error;
  }
}

export const isJpeg = (bytes: Uint8Array): boolean => formatOf(bytes)?.name === 'JPEG';
