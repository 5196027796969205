/** Names of purposes as numbers: the same name gives the same number on every machine. */
import { createHash } from 'node:crypto';

/** 64 bits that name a sequence of counted random numbers. */
export type RandomKey = readonly [number, number];

/** The key of one purpose under one integer seed: the first 64 bits of a SHA-256. */
export function randomKey(seed: number, purpose: string): RandomKey {
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/** One uniform number in [0, 1) for a seed, a draw and a purpose: the first 48 bits of a SHA-256. */
export const hashedUniform = (seed: number, draw: number, purpose: string): number =>
  createHash('sha256').update(`${seed}/${draw}/${purpose}`).digest().readUIntBE(0, 6) / 2 ** 48;

/** FNV-1a of the UTF-8 bytes, as a signed 32-bit integer. */
export function hashPurpose(purpose: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(purpose)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
