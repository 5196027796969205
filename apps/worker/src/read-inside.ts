/** Reads what a trainer wrote of a look inside its model: hostile until length, hash and contents are checked. */
import { type InsideFiles, InsideHeader } from '@ablate/contracts';
import type { StoredInside } from '@ablate/db';
import { decodeSafetensors } from '@ablate/models/safetensors';
import { readVerifiedFile } from './verified-file.ts';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** Where a PNG file has its width and height. */
const [WIDTH_AT, HEIGHT_AT, SIZES_END] = [16, 20, 24];

/** The files in `folder`. Throws, naming the file, if one is damaged. */
export async function readInside(folder: string, { maps, images }: InsideFiles): Promise<StoredInside> {
  const bytes = await readVerifiedFile(folder, maps);
  const { metadata } = decodeSafetensors(bytes);
  const header = InsideHeader.parse(JSON.parse(metadata.inside ?? 'null'));
  const png = await readVerifiedFile(folder, images);
  const [width, height] = [header.images.length * header.imageSize, header.imageSize];
  if (png.length < SIZES_END || !png.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    throw new Error(`${images.file}: not a PNG file`);
  const found = [png.readUInt32BE(WIDTH_AT), png.readUInt32BE(HEIGHT_AT)];
  if (found[0] !== width || found[1] !== height)
    throw new Error(`${images.file}: ${found.join(' × ')} pixels, not ${width} × ${height}`);
  return { maps: { bytes, sha256: maps.sha256 }, images: { bytes: png, sha256: images.sha256 } };
}
