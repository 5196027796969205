/** Where checkpoint files are kept for good. */
import type { Readable } from 'node:stream';

/** What is stored under a key. */
export type StoredFile = { key: string; bytes: number; modified: Date };

export type CheckpointStore = {
  /** Its address, without credentials. */
  readonly address: string;
  /** The folder in which a file that is written at `<folder>/<key>` is stored already; null where there is none. */
  readonly folder: string | null;
  /** Throws, saying what to do, where nothing can be kept. */
  check(): Promise<void>;
  /**
   * Keep the local file `path`, of this length and hash, under `key`. It is durable, and whole, once this resolves; written
   * twice is written once. Throws, and stores nothing, where the file's bytes are others.
   */
  put(key: string, path: string, file: { bytes: number; sha256: string }): Promise<void>;
  /** The bytes under `key`, or null where there are none. Whoever got the stream ends it. */
  get(key: string): Promise<{ stream: Readable; bytes: number } | null>;
  /** Forget a key. One that is not there is no error. */
  remove(key: string): Promise<void>;
  /** Everything under keys that begin so, partly written files included. */
  list(prefix?: string): AsyncIterable<StoredFile>;
  close(): Promise<void>;
};

/** `<run>/<file>`: what every key looks like. */
export const checkpointKey = (runId: string, file: string): string => `${runId}/${file}`;
