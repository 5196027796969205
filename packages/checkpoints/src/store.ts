/** Permanent storage of checkpoint files. */
import type { Readable } from 'node:stream';

/** A file in a store. */
export type StoredFile = { key: string; bytes: number; modified: Date };

export type CheckpointStore = {
  /** The address, without credentials. */
  readonly address: string;
  /** A file that is written to `<folder>/<key>` is stored. Null if the store is not a folder. */
  readonly folder: string | null;
  /** Throws, with what to do, if the store is not usable. */
  check(): Promise<void>;
  /**
   * Stores the local file `path`, of this length and hash, under `key`: durable and whole once this resolves. Idempotent.
   * Throws, and stores nothing, if length or hash differ.
   */
  put(key: string, path: string, file: { bytes: number; sha256: string }): Promise<void>;
  /** The bytes under `key`, or null if it is unknown. The caller ends the stream. */
  get(key: string): Promise<{ stream: Readable; bytes: number } | null>;
  /** Removes a key, if it exists. */
  remove(key: string): Promise<void>;
  /** Files whose keys begin with `prefix`, partly written ones included. */
  list(prefix?: string): AsyncIterable<StoredFile>;
  close(): Promise<void>;
};

/** The key of a file: `<run>/<file>`. */
export const checkpointKey = (runId: string, file: string): string => `${runId}/${file}`;
