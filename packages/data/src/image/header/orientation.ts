/** Finds the orientation in a file's metadata, where Pillow's `ImageOps.exif_transpose` looks: in Exif, then in XMP. */
import { firstDirectory } from './directory.ts';
import { latin1 } from './header.ts';

const ORIENTATION = 0x112;
/** Bytes of XMP that are searched. */
const MAX_XMP_BYTES = 2 ** 20;

export type Metadata = { exif?: Uint8Array; xmp?: Uint8Array };

function fromExif(exif: Uint8Array): number | undefined {
  let start = 0;
  while (start < 12 && latin1(exif, start, start + 6) === 'Exif\0\0') start += 6;
  return firstDirectory(exif.subarray(start)).get(ORIENTATION);
}

/** 1 to 8; 1 if there is none. */
export function orientationOf({ exif, xmp }: Metadata): number {
  const inXmp = () => xmp && /tiff:Orientation(?:="|>)([0-9])/.exec(latin1(xmp, 0, MAX_XMP_BYTES))?.[1];
  const found = (exif && fromExif(exif)) ?? Number(inXmp() ?? 1);
  return found >= 1 && found <= 8 ? found : 1;
}
