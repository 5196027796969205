import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A local file in chunks of `chunk` bytes. Throws at its end, before whoever reads it has finished, where it is not of this length and hash. */
export async function* verified(
  path: string,
  { bytes, sha256 }: { bytes: number; sha256: string },
  chunk = 1024 * 1024,
): AsyncGenerator<Buffer, void, void> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const part of createReadStream(path, { highWaterMark: chunk })) {
    hash.update(part);
    length += part.length;
    yield part;
  }
  if (length !== bytes) throw new Error(`${path} has ${length} bytes, not ${bytes}`);
  if (hash.digest('hex') !== sha256)
    throw new Error(`${path} was changed since it was written: its SHA-256 is another`);
}
