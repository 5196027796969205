/** The first image of a TIFF (TIFF 6.0). Kinds that libvips and Pillow read differently are refused. */
import { firstDirectory } from './directory.ts';
import { type Header, UnreadableImage } from './header.ts';
import { orientationOf } from './orientation.ts';

const WIDTH = 256;
const HEIGHT = 257;
const BITS = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const CHANNELS = 277;
const PLANES = 284;
const EXTRA = 338;
const SAMPLE_FORMAT = 339;

const JPEG = 7;
const UNSIGNED = 1;
const PREMULTIPLIED = 1;
/** Channels of each photometric interpretation, without alpha: white is zero, black is zero, RGB, palette, CMYK, YCbCr. */
const COLOURS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };
const CMYK = 5;
const YCBCR = 6;

export function tiffHeader(bytes: Uint8Array): Header {
  const tags = firstDirectory(bytes);
  const [width, height, photometric] = [tags.get(WIDTH), tags.get(HEIGHT), tags.get(PHOTOMETRIC)];
  if (width === undefined || height === undefined || photometric === undefined)
    throw new UnreadableImage('the TIFF has no width, height or photometric interpretation');
  const colours = COLOURS[photometric];
  const bits = tags.get(BITS) ?? 1;
  const channels = tags.get(CHANNELS) ?? 1;
  const unsupported =
    colours === undefined || (photometric === YCBCR && tags.get(COMPRESSION) !== JPEG)
      ? `colour model ${photometric}`
      : channels < colours || channels > colours + 1
        ? `${channels} channels`
        : (tags.get(SAMPLE_FORMAT) ?? UNSIGNED) !== UNSIGNED || ![1, 2, 4, 8, 16].includes(bits)
          ? `signed, floating-point or ${bits}-bit values`
          : channels > colours && tags.get(EXTRA) === PREMULTIPLIED
            ? 'premultiplied alpha'
            : (tags.get(PLANES) ?? 1) !== 1
              ? 'separate planes'
              : undefined;
  if (unsupported) throw new UnreadableImage(`TIFF with ${unsupported} is not supported; convert it to PNG`);
  const orientation = orientationOf({ exif: bytes });
  const stored = 4 * (bits === 16 ? 2 : 1);
  return {
    width,
    height,
    orientation,
    isCmyk: photometric === CMYK,
    depth: bits === 16 ? 16 : 8,
    // One strip or tile may hold the whole image.
    bytesPerPixel: (bits === 16 ? 9 : 4) + stored * (orientation > 1 ? 2 : 1),
  };
}
