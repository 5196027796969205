/** Follows the blocks of a tar stream to its end-of-archive block, which a truncated archive lacks (POSIX.1-2017, pax, "ustar Interchange Format"). */
const BLOCK = 512;
const SIZE = { at: 124, length: 12 };
const TYPE_AT = 156;
const FOLDER = 0x35; // '5': its size is not followed by data

/** Octal digits, or base 256 if the first bit is set (GNU, for large files). */
function sizeOf(header: Buffer): number {
  const field = header.subarray(SIZE.at, SIZE.at + SIZE.length);
  if ((field[0]! & 0x80) !== 0) return field.readUIntBE(6, 6);
  return Number.parseInt(field.toString('latin1').replace(/^[\0 ]+/, ''), 8) || 0;
}

export type TarBlocks = {
  add(chunk: Buffer): void;
  /** Whether the last header was an end-of-archive block. One is enough: some writers omit the second. */
  readonly ended: boolean;
};

export function followTar(): TarBlocks {
  const header = Buffer.alloc(BLOCK);
  let filled = 0;
  let skip = 0;
  let ended = false;
  return {
    get ended() {
      return ended && filled === 0;
    },
    add(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const skipped = Math.min(skip, chunk.length - at);
        skip -= skipped;
        at += skipped;
        const copied = chunk.copy(header, filled, at, at + BLOCK - filled);
        filled += copied;
        at += copied;
        if (filled < BLOCK) continue;
        filled = 0;
        ended = header.every((byte) => byte === 0);
        if (!ended && header[TYPE_AT] !== FOLDER) skip = Math.ceil(sizeOf(header) / BLOCK) * BLOCK;
      }
    },
  };
}
