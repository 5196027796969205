/** A loaded graph and its TensorFlow session. The SavedModel folder is deleted as soon as it is loaded. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backend, type TensorHandle } from '../tensorflow/backend.ts';
import { TAG } from './saved-model.ts';

export type Session = {
  /** Run the graph once: `feeds` are tensor ids by node; returns a handle for each node of `fetches`, which the caller deletes. */
  run(feeds: [node: string, id: number][], fetches: string[]): TensorHandle[];
  close(): void;
};

/** TensorFlow ran out of memory, on the CPU or the GPU. */
class OutOfMemory extends Error {
  override name = 'OutOfMemory';
}

/** Run `f`, with TensorFlow's messages of exhausted memory turned into OutOfMemory. */
const recognisingMemory = <T>(f: () => T): T => {
  try {
    return f();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/\bOOM\b|out of memory|RESOURCE_EXHAUSTED|Resource exhausted/i.test(message))
      throw new OutOfMemory(`TensorFlow ran out of memory: ${message.slice(0, 2000)}`, { cause: error });
    throw error;
  }
};

/** Load a graph as `encodeSavedModel` wrote it. The caller closes the session. */
export function openSession(graph: Uint8Array): Session {
  const { binding } = backend;
  const folder = mkdtempSync(join(tmpdir(), 'ablate-graph-'));
  const id = (() => {
    try {
      writeFileSync(join(folder, 'saved_model.pb'), graph, { mode: 0o600 });
      return binding.loadSavedModel(folder, TAG);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  })();
  return {
    run: (feeds, fetches) =>
      recognisingMemory(() =>
        binding.runSavedModel(
          id,
          feeds.map(([, tensor]) => tensor),
          feeds.map(([node]) => `${node}:0`).join(),
          fetches.map((node) => `${node}:0`).join(),
        ),
      ),
    close: () => binding.deleteSavedModel(id),
  };
}
